import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { connectSocket } from '@3cx-ninja/node-kit/connectSocket.ts'
import {
  CHANNELS,
  MAX_RECORDS_PER_FRAME,
  SAMPLES_PER_RECORD,
  encodeFrame,
  hubToAgent,
  openLink,
  partHeader,
  type AgentToHub,
  type CallSnapshot,
  type Draft,
  type HubToAgent,
  type Link,
  type LogRecord,
} from '@3cx-ninja/protocol'
import { ulid } from 'ulid'
import { loadBlockCodec } from '../../../agent/src/main/capture/recording/blockCodec.ts'
import type { Site } from '../../site/site.ts'
import { enrollAll } from '../ingest/enrollAll.ts'
import type { CallSound } from './callSound.ts'
import { isOffered } from './playCall.ts'

export interface Uploaded {
  /** Hang-up → draft with the whole text. */
  readonly draftMs: number
  /** Hang-up → the hub has the whole recording on its disk. */
  readonly uploadMs: number
  readonly transcript: Draft['transcript']
  readonly finals: number
}

const STREAM = 1
const LIMIT_MS = 300_000
/** Frames on their way at once: more than enough for a line of 1 Gbit/s. */
const MAX_BUFFERED_BYTES = 4 * 1_048_576

export interface UploadNeeds {
  readonly site: Site
  /** The worker is away during the upload, or it would take the recording for a live one and decode partials too. */
  readonly workers: { stop(): Promise<void>; start(): Promise<void> }
  readonly call: CallSound
}

/**
 * How others do it: nothing is sent before hang-up, then the whole recording is uploaded and transcribed. The same hub,
 * worker, engine, model, cuts and codec; the sound is encoded beforehand, and the line is this machine's loopback.
 * The worker's start between upload and transcription is not counted.
 */
export async function uploadThenTranscribe({ site, workers, call }: UploadNeeds): Promise<Uploaded> {
  await workers.stop()
  const [token = ''] = await enrollAll(site, 'agent', 1)
  const { frames, codec, position } = await encode(call)
  const ca = await site.ca()
  const startedAtMs = Date.now()
  const header = partHeader.parse({
    recordingId: ulid(),
    callId: ulid(),
    part: 1,
    codec,
    startedAtMs,
    previousPosition: 0,
    extension: '1',
    language: 'fr',
    consent: { basis: 'demonstration', ruleVersion: 1 },
  })
  const report = (revision: number, more: Pick<CallSnapshot, 'phase' | 'recording'>): AgentToHub => ({
    kind: 'call-report',
    call: {
      callId: header.callId,
      recordingId: header.recordingId,
      revision,
      direction: 'inbound',
      extension: '1',
      startedAtMs,
      talkingSinceMs: startedAtMs,
      ...more,
    },
  })

  return new Promise((resolve, reject) => {
    let hangUpMs = 0
    let uploadMs = 0
    let transcribingMs = 0
    let finals = 0
    const limit = setTimeout(() => end(new Error('the uploaded call got no draft')), LIMIT_MS)
    const end = (outcome: unknown) => {
      clearTimeout(limit)
      link.stop()
      reject(outcome instanceof Error ? outcome : new Error(String(outcome)))
    }
    const transcribe = async () => {
      uploadMs = performance.now() - hangUpMs
      await workers.start()
      transcribingMs = performance.now()
    }
    const upload = async () => {
      for (const frame of frames) {
        while (link.bufferedBytes() > MAX_BUFFERED_BYTES) await new Promise((later) => setTimeout(later, 1))
        link.sendBinary(frame)
      }
    }
    const hear = (message: HubToAgent) => {
      if (message.kind === 'call-stored' && message.revision === 1) {
        hangUpMs = performance.now()
        link.send(report(2, { phase: 'wrap-up', recording: 'complete' }))
        link.send({ kind: 'part-open', stream: STREAM, header })
      }
      if (message.kind === 'part-position') upload().catch(end)
      if (message.kind === 'records-flushed' && message.position === position && uploadMs === 0)
        transcribe().catch(end)
      if (message.kind === 'utterance' && message.utterance.state === 'final') finals += 1
      if (message.kind !== 'draft' || hangUpMs === 0 || !isOffered(message.draft)) return
      const { transcript } = message.draft
      clearTimeout(limit)
      link.stop()
      resolve({ draftMs: uploadMs + performance.now() - transcribingMs, uploadMs, transcript, finals })
    }
    const link: Link<AgentToHub> = openLink<HubToAgent, AgentToHub>({
      connect: (on) => connectSocket({ hub: site.hubUrl, path: '/link/agent', token, ca }, on),
      hello: { role: 'agent', version: 'bench' },
      incoming: hubToAgent,
      clock: systemClock,
      random: Math.random,
      onMessage: hear,
      onState(state) {
        if (state.at === 'open') link.send(report(1, { phase: 'talking', recording: 'recording' }))
        if (state.at === 'refused') end(new Error(`the hub refused the upload: ${state.meaning}`))
      },
    })
  })
}

/** The recording as an agent holds it at hang-up: records of 100 ms per channel, and the seal. */
async function encode({ sound }: CallSound) {
  const codec = await loadBlockCodec((cause) => {
    throw cause
  })
  const encoders = { agent: codec.createEncoder(), caller: codec.createEncoder() }
  const records: LogRecord[] = []
  const blocks = Math.ceil(sound.agent.length / SAMPLES_PER_RECORD)
  for (let block = 0; block < blocks; block++) {
    const firstSample = block * SAMPLES_PER_RECORD
    for (const channel of CHANNELS) {
      const samples = new Int16Array(SAMPLES_PER_RECORD)
      samples.set(sound[channel].subarray(firstSample, firstSample + SAMPLES_PER_RECORD))
      const payload = encoders[channel](samples)
      records.push({ sequence: records.length, kind: 'audio', channel, firstSample, payload })
    }
  }
  const firstSample = blocks * SAMPLES_PER_RECORD
  const seal = { kind: 'sealed', channel: 'agent', firstSample, payload: new Uint8Array() } as const
  records.push({ ...seal, sequence: records.length })
  const frames: Uint8Array[] = []
  for (let at = 0; at < records.length; at += MAX_RECORDS_PER_FRAME)
    frames.push(encodeFrame(STREAM, records.slice(at, at + MAX_RECORDS_PER_FRAME)))
  return { frames, codec: codec.codec, position: records.length }
}
