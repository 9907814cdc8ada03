import { randomBytes } from 'node:crypto'
import path from 'node:path'
import {
  encodeFrame,
  recordingId as recordingIdSchema,
  SAMPLES_PER_RECORD,
  type Clock,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createHubCopies } from '../../agent/src/main/history/hubCopies.ts'
import { createHubSound } from '../../agent/src/main/history/hubSound.ts'
import { playbackTuning, type PlaybackTuning } from '../../agent/src/main/history/playbackTuning.ts'
import type { PlayedRecording } from '../../agent/src/main/history/playedRecording.ts'
import { openSoundCache } from '../../agent/src/main/history/soundCache.ts'
import { silentLogger } from '../../agent/src/main/process/log.ts'
import { aFolder } from '../../agent/testing/sounds.ts'
import { aCall, aPart } from '../../hub/testing/messages.ts'
import { startHub, type Member } from '../../hub/testing/startHub.ts'
import { openCuttableLine } from './cuttableLine.ts'

/** Starts a real hub that holds recordings of one agent, a line to it, and this PC's folder of copies. */
export async function aHeldSite() {
  const hub = await startHub()
  const agent: Member = await hub.enroll('agent')
  const folder = await aFolder()
  const line = await openCuttableLine(() => hub.port)
  const masterKey = createMasterKey(randomBytes(32))
  const link = await hub.connect('agent', agent)
  let stream = 0
  const stops: (() => Promise<void>)[] = []

  return {
    hub,
    agent,
    line,
    link,
    folder: path.join(folder.path, 'playback'),
    /** Sends a part of `count` records, each 100 bytes of noise or the result of `payloadOf`, as its agent would. */
    async holds(
      id: string,
      count: number,
      { part = 1, payloadOf = (_: number): Uint8Array => randomBytes(100) } = {},
    ): Promise<readonly LogRecord[]> {
      const { header, records: empty } = aPart(count, {
        recordingId: recordingIdSchema.parse(id),
        part,
        codec: 'opus',
      })
      const records = empty.map((record) => ({ ...record, payload: payloadOf(record.sequence) }))
      link.send({ kind: 'call-report', call: aCall({ callId: header.callId }) })
      await link.next('call-stored')
      stream += 1
      link.send({ kind: 'part-open', stream, header })
      await link.next('part-position')
      for (let at = 0; at < count; at += 64) link.send(encodeFrame(stream, records.slice(at, at + 64)))
      for (let position = -1; position < count;) {
        const flushed = await link.next('records-flushed')
        if (flushed['stream'] === stream) position = Number(flushed['position'])
      }
      return records
    },
    /** Opens playback with its cache as an agent has it after a start. */
    async aListener(options: { clock?: Clock; tuning?: Partial<PlaybackTuning>; fs?: FileSystem } = {}) {
      const clock = options.clock ?? systemClock
      const tuning = { ...playbackTuning, againMs: 1, ...options.tuning }
      const cache = await openSoundCache({
        folder: path.join(folder.path, 'playback'),
        masterKey,
        clock,
        tuning,
        ...(options.fs ? { fs: options.fs } : {}),
      })
      const progress: number[] = []
      let there = true
      const causes: string[] = []
      const url = new URL(hub.url)
      url.port = String(line.port)
      const hubSound = createHubSound({
        identity: () => ({ hub: url.origin, token: agent.token, ...(hub.ca ? { ca: hub.ca } : {}) }),
      })
      const copies = createHubCopies({
        hub: hubSound,
        cache,
        isHubThere: () => there,
        clock,
        log: { ...silentLogger, warn: (fields) => causes.push(String(fields['cause'])) },
        onProgress: (_, share) => progress.push(share),
        tuning,
      })
      stops.push(() => copies.stop())
      return { cache, copies, hub: hubSound, causes, progress, setThere: (is: boolean) => (there = is) }
    },
    async [Symbol.asyncDispose]() {
      for (const stop of stops) await stop()
      await line[Symbol.asyncDispose]()
      await hub[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
export type HeldSite = Awaited<ReturnType<typeof aHeldSite>>
export type Listener = Awaited<ReturnType<HeldSite['aListener']>>

export async function opened(listener: Listener, id: string): Promise<PlayedRecording> {
  const found = await listener.copies.open(recordingIdSchema.parse(id), 'fresh')
  if (!found.ok) throw new Error(found.why)
  return found.recording
}
export async function whyNot(listener: Listener, id: string) {
  const found = await listener.copies.open(recordingIdSchema.parse(id), 'fresh')
  return found.ok ? 'it plays' : found.why
}

/** Resolves with every record from this second on. */
export async function played(recording: PlayedRecording, second = 0, part = 1): Promise<LogRecord[]> {
  const all: LogRecord[] = []
  for await (const records of recording.records(part, second * 10 * SAMPLES_PER_RECORD)) all.push(...records)
  return all
}

export const plain = (records: readonly LogRecord[]) =>
  records.map(({ sequence, kind, channel, firstSample, payload }) =>
    [sequence, kind, channel, firstSample, Buffer.from(payload).toString('base64')].join(),
  )
export const idOf = (id: string): RecordingId => recordingIdSchema.parse(id)
