import { randomBytes } from 'node:crypto'
import {
  callId,
  recordingId,
  SAMPLES_PER_RECORD,
  type Channel,
  type LogRecord,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { decodeSilence } from '@3cx-ninja/recording-log/timeline.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import type { AudioListener, AudioSource } from '../../src/main/capture/sources/audioSource.ts'
import { pcm16Codec } from '../../src/main/capture/recording/blockCodec.ts'
import {
  createRecorder,
  type DeviceChange,
  type RecordingCommand,
} from '../../src/main/capture/recording/recorder.ts'
import type { Alarm } from '../../src/main/capture/recording/silenceWatch.ts'
import type { recordingTuning } from '../../src/main/recordings/recordingFile.ts'
import { openRecordings } from '../../src/main/recordings/recordingFile.ts'
import { createLiveTail } from '../../src/main/replication/liveTail.ts'

/** Returns a sound source that the test controls. */
export function createHandSource() {
  let listener: AudioListener | undefined
  let blocks = 0
  let starts = 0
  const source: AudioSource = {
    name: 'hand',
    start(next) {
      listener = next
      blocks = 0
      starts += 1
      return {
        stop() {
          if (listener === next) listener = undefined
          return Promise.resolve()
        },
      }
    },
  }
  return {
    source,
    isOpen: () => listener !== undefined,
    starts: () => starts,
    /** Delivers a block of 100 ms; every sample of a channel has this value. */
    block(agent: number, caller: number) {
      listener?.block({
        firstSample: blocks * SAMPLES_PER_RECORD,
        agent: new Int16Array(SAMPLES_PER_RECORD).fill(agent),
        caller: new Int16Array(SAMPLES_PER_RECORD).fill(caller),
      })
      blocks += 1
    },
    device: (label: string, channel: Channel = 'agent') =>
      listener?.deviceChange({ channel, label, firstSample: 0 }),
    fail: (message: string) => listener?.failed(new Error(message)),
  }
}

export interface SoundDeskOptions {
  readonly tuning?: Partial<typeof recordingTuning>
  readonly wrap?: (fs: FileSystem) => FileSystem
}

/** Opens the real recorder on a disk in memory; the test controls sound, clock and disk. */
export async function aSoundDesk({ tuning, wrap = (fs) => fs }: SoundDeskOptions = {}) {
  const disk = createFakeDisk()
  const clock = createFakeClock()
  const masterKey = createMasterKey(randomBytes(32))
  const hand = createHandSource()
  const tail = createLiveTail()
  const begun: RecordingId[] = []
  const failed: RecordingId[] = []
  const alarms: (readonly Alarm[])[] = []
  const devices: DeviceChange[] = []
  const userErrors: string[] = []
  const state = { talking: true }
  const open = () =>
    openRecordings({ folder: '/recordings', masterKey, clock, fs: wrap(disk.fs), ...(tuning && { tuning }) })
  const recordings = await open()
  const recorder = createRecorder({
    recordings,
    source: hand.source,
    codec: pcm16Codec,
    clock,
    tail,
    extension: () => '201',
    language: () => 'fr',
    isTalking: () => state.talking,
    onBegun: (of) => begun.push(of.recordingId),
    onFailed: (of) => failed.push(of.recordingId),
    onAlarms: (now) => alarms.push(now),
    onDevice: (change) => devices.push(change),
    onUserError: ({ message }) => userErrors.push(message),
  })
  const idOf = (name: string) => recordingId.parse(name)
  const records = async (name = 'recording-1', part = 1): Promise<readonly LogRecord[]> =>
    recordings.read(idOf(name), part, 0, 100_000)
  return {
    disk,
    clock,
    hand,
    tail,
    state,
    recorder,
    recordings,
    begun,
    failed,
    alarms,
    devices,
    userErrors,
    records,
    reopen: open,
    async begin(name = 'recording-1', paused = false) {
      recorder.carryOut({
        kind: 'begin',
        recordingId: idOf(name),
        callId: callId.parse(`call-of-${name}`),
        consent: { basis: 'demonstration', ruleVersion: 1 },
        paused,
      })
      await clock.advance(0)
    },
    async command(what: Exclude<RecordingCommand['kind'], 'begin'>, name = 'recording-1') {
      recorder.carryOut({ kind: what, recordingId: idOf(name), callId: callId.parse(`call-of-${name}`) })
      await clock.advance(0)
    },
    /** Delivers consecutive blocks of 100 ms with these values; the caller's channel has the negative. */
    async feed(...values: readonly number[]) {
      for (const value of values) {
        await clock.advance(100)
        hand.block(value, -value)
      }
      await clock.advance(0)
    },
    /** Resolves with one channel as stored on disk: [kind, at which block, sample value or length in blocks]. */
    async written(channel: Channel = 'agent', name?: string, part?: number) {
      return (await records(name, part))
        .filter((record) => record.channel === channel)
        .map(({ kind, firstSample, payload }) => {
          const at = firstSample / SAMPLES_PER_RECORD
          if (kind === 'audio') return [kind, at, Buffer.from(payload).readInt16LE(0)] as const
          if (kind === 'gap' || kind === 'pause')
            return [kind, at, decodeSilence(payload) / SAMPLES_PER_RECORD] as const
          return [kind, at] as const
        })
    },
    async [Symbol.asyncDispose]() {
      disk.heal()
      await recorder.stop()
      await recordings.stop()
    },
  }
}

/** Returns `count` numbers from `first` on. */
export const counting = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n)
