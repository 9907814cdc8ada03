import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { connectSocket } from '@3cx-ninja/node-kit/connectSocket.ts'
import {
  MAX_RECORDS_PER_FRAME,
  encodeFrame,
  hubToAgent,
  openLink,
  partHeader,
  toError,
  type AgentToHub,
  type CallSnapshot,
  type Draft,
  type HubToAgent,
  type Link,
  type PartHeader,
} from '@3cx-ninja/protocol'
import { ulid } from 'ulid'
import { encodeRecording } from '../../../agent/testing/encodeRecording.ts'
import type { Site } from '../../site/site.ts'
import { enrollAll } from '../ingest/enrollAll.ts'
import type { CallSound } from './callSound.ts'
import { isOffered } from './playCall.ts'

export interface Uploaded {
  /** Time from hang-up to the draft with the whole text. */
  readonly draftMs: number
  /** Time from hang-up to the whole recording on the hub's disk. */
  readonly uploadMs: number
  readonly transcript: Draft['transcript']
  readonly finals: number
}

const STREAM = 1
const LIMIT_MS = 300_000
/** Bytes in flight at once: more than enough for a line of 1 Gbit/s. */
const MAX_BUFFERED_BYTES = 4 * 1_048_576

export interface UploadNeeds {
  readonly site: Site
  /** Stops the worker during the upload, because it would treat the recording as live and decode partials too. */
  readonly workers: { stop(): Promise<void>; start(): Promise<void> }
  readonly call: CallSound
}

interface Upload {
  readonly link: Link<AgentToHub>
  readonly encoded: Awaited<ReturnType<typeof encode>>
  readonly header: PartHeader
  readonly workers: UploadNeeds['workers']
  readonly resolve: (uploaded: Uploaded) => void
  readonly fail: (error: unknown) => void
  /** performance.now() at hang-up and at the worker's start; 0 until then. */
  hangUpMs: number
  transcribingMs: number
  /** Time from hang-up to everything on the hub's disk; 0 until then. */
  uploadMs: number
  finals: number
}

/**
 * Measures the method of other products as the baseline: nothing is sent before hang-up, then the whole recording is
 * uploaded and transcribed. Hub, worker, engine, model, endpointing and codec are the same; the audio is encoded in advance,
 * and the line is this machine's loopback. The worker's start between upload and transcription is not counted. Rejects
 * without a draft within LIMIT_MS, or when the hub refuses the link.
 */
export async function uploadThenTranscribe({ site, workers, call }: UploadNeeds): Promise<Uploaded> {
  await workers.stop()
  const [token = ''] = await enrollAll(site, 'agent', 1)
  const encoded = await encode(call)
  const ca = await site.ca()
  const header = headerOf(encoded.codec)
  let limit: NodeJS.Timeout | undefined
  let upload: Upload | undefined
  try {
    return await new Promise((resolve, reject) => {
      limit = setTimeout(() => reject(new Error('the uploaded call got no draft')), LIMIT_MS)
      const link: Link<AgentToHub> = openLink<HubToAgent, AgentToHub>({
        connect: (on) => connectSocket({ hub: site.hubUrl, path: '/link/agent', token, ca }, on),
        hello: { role: 'agent', version: 'bench' },
        incoming: hubToAgent,
        clock: systemClock,
        random: Math.random,
        onMessage: (message) => upload && receive(upload, message),
        onState(state) {
          if (state.at === 'open') link.send(report(header, 1, { phase: 'talking', recording: 'recording' }))
          if (state.at === 'refused') reject(new Error(`the hub refused the upload: ${state.meaning}`))
        },
      })
      const fail = (error: unknown) => reject(toError(error))
      const times = { hangUpMs: 0, transcribingMs: 0, uploadMs: 0, finals: 0 }
      upload = { link, encoded, header, workers, resolve, fail, ...times }
    })
  } finally {
    clearTimeout(limit)
    upload?.link.stop()
  }
}

function headerOf(codec: PartHeader['codec']): PartHeader {
  return partHeader.parse({
    recordingId: ulid(),
    callId: ulid(),
    part: 1,
    codec,
    startedAtMs: Date.now(),
    previousPosition: 0,
    extension: '1',
    language: 'fr',
    consent: { basis: 'demonstration', ruleVersion: 1 },
  })
}

function report(
  { callId, recordingId, startedAtMs }: PartHeader,
  revision: number,
  more: Pick<CallSnapshot, 'phase' | 'recording'>,
): AgentToHub {
  const times = { startedAtMs, talkingSinceMs: startedAtMs }
  const call = {
    callId,
    recordingId,
    revision,
    direction: 'inbound',
    extension: '1',
    ...times,
    ...more,
  } as const
  return { kind: 'call-report', call }
}

/** Hangs up once the talking call is stored, uploads from the hub's position, and resolves with the first offered draft. */
function receive(upload: Upload, message: HubToAgent): void {
  const { link, encoded, header } = upload
  if (message.kind === 'call-stored' && message.revision === 1) {
    upload.hangUpMs = performance.now()
    link.send(report(header, 2, { phase: 'wrap-up', recording: 'complete' }))
    link.send({ kind: 'part-open', stream: STREAM, header })
  }
  if (message.kind === 'part-position') sendFrames(upload).catch(upload.fail)
  if (message.kind === 'records-flushed' && message.position === encoded.position && upload.uploadMs === 0)
    transcribe(upload).catch(upload.fail)
  if (message.kind === 'utterance' && message.utterance.state === 'final') upload.finals += 1
  if (message.kind !== 'draft' || upload.hangUpMs === 0 || !isOffered(message.draft)) return
  const { transcript } = message.draft
  const { uploadMs, finals } = upload
  const draftMs = uploadMs + performance.now() - upload.transcribingMs
  upload.resolve({ draftMs, uploadMs, transcript, finals })
}

async function sendFrames({ link, encoded }: Upload): Promise<void> {
  for (const frame of encoded.frames) {
    while (link.bufferedBytes() > MAX_BUFFERED_BYTES) await new Promise((later) => setTimeout(later, 1))
    link.sendBinary(frame)
  }
}

async function transcribe(upload: Upload): Promise<void> {
  upload.uploadMs = performance.now() - upload.hangUpMs
  await upload.workers.start()
  upload.transcribingMs = performance.now()
}

/** Resolves with the frames of the recording that an agent has at hang-up. */
async function encode({ sound }: CallSound) {
  const { records, codec } = await encodeRecording(sound)
  const frames: Uint8Array[] = []
  for (let at = 0; at < records.length; at += MAX_RECORDS_PER_FRAME)
    frames.push(encodeFrame(STREAM, records.slice(at, at + MAX_RECORDS_PER_FRAME)))
  return { frames, codec, position: records.length }
}
