import {
  CHANNELS,
  RECORD_MS,
  SAMPLES_PER_RECORD,
  type Channel,
  type Clock,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { abortableSleep } from '@3cx-ninja/node-kit/abortableSleep.ts'
import { encodeSilence } from '@3cx-ninja/recording-log/timeline.ts'
import type {
  NewRecording,
  Recordings,
  RecordDraft,
  RecordingWriter,
  WriteOutcome,
} from '../../recordings/recordingFile.ts'
import type { LiveTail } from '../../replication/liveTail.ts'
import { userError } from '../../process/userError.ts'
import type { AudioBlock } from '../sources/audioSource.ts'
import type { BlockCodec, BlockEncoder } from './blockCodec.ts'
import type { ChannelLabel } from './supervisedSource.ts'
import type { CaptureTuning } from './tuning.ts'

/** The store, the codec and the callbacks of one running recording. */
export interface RunningNeeds {
  readonly recordings: Pick<Recordings, 'begin' | 'space'>
  readonly codec: BlockCodec
  readonly clock: Clock
  readonly tail: LiveTail
  readonly tuning: CaptureTuning
  readonly recordingId: RecordingId
  readonly paused: boolean
  readonly preRoll: readonly AudioBlock[]
  readonly onUserError: (error: Error) => void
}

/** One recording from `begin` to its end; it writes blocks, pauses, marks and device changes in their order. */
export interface RunningRecording {
  /** Creates the file and writes the blocks that waited for it. Rejects when no file could be created; nothing is written then. */
  begin(recording: NewRecording): Promise<void>
  /** Writes the block, keeps it in memory until the file exists, or drops it while the recording is paused. */
  block(block: AudioBlock): void
  /** Writes the change of device and returns its position in the recording; undefined while there is no file. */
  device(device: ChannelLabel): { readonly part: number; readonly fromMs: number } | undefined
  /** Stops writing audio from this call on, whatever else fails; the pause is filled with silence later. */
  pause(): void
  /** Writes audio again, from the next block on. */
  resume(): void
  /** Writes a mark of the technician at the current end. */
  mark(): void
  /** Returns whether audio is being dropped on request: during a pause, and after `seal` or `abandon`. */
  isPaused(): boolean
  /** Resolves once the recording is complete. Never rejects; a full disk is retried every 5 s until there is room or `abandon`. */
  seal(): Promise<void>
  /** Closes the file without sealing it and ends the retries of `seal`. Resolves once the file is closed. */
  abandon(): Promise<void>
}

const SAMPLES_PER_MS = SAMPLES_PER_RECORD / RECORD_MS

interface Running {
  readonly needs: RunningNeeds
  readonly encoders: Readonly<Record<Channel, BlockEncoder>>
  readonly abandoned: AbortController
  writer: RecordingWriter | undefined
  begun: Promise<void>
  /** Blocks that wait for the file. */
  waiting: AudioBlock[]
  paused: boolean
  /** What the next silence record is: a pause on request, or a gap of the source. */
  silence: 'pause' | 'gap'
  /** The source's sample number that is sample 0 of this recording. */
  base: number | undefined
  /** First sample after what is written. */
  endSample: number
  /** First sample after what has arrived, written or not. */
  seenSample: number
  /** A refusal of the disk is reported; the next one is reported only after a write succeeded. */
  isReported: boolean
}

/**
 * One recording being written: blocks in, records out, on a clock of its own that starts with the first block. States:
 * beginning (blocks wait in memory; left when the file exists), running, paused (left by `resume`), sealed and abandoned
 * (both final). Knows nothing of calls and policies: those live in `call/`.
 */
export function createRunningRecording(needs: RunningNeeds): RunningRecording {
  const running: Running = {
    needs,
    encoders: { agent: needs.codec.createEncoder(), caller: needs.codec.createEncoder() },
    abandoned: new AbortController(),
    writer: undefined,
    begun: Promise.resolve(),
    waiting: [...needs.preRoll],
    paused: needs.paused,
    silence: needs.paused ? 'pause' : 'gap',
    base: needs.preRoll[0]?.firstSample,
    endSample: 0,
    seenSample: 0,
    isReported: false,
  }
  return {
    begin: (recording) => (running.begun = begin(running, recording)),
    block: (block) => receiveBlock(running, block),
    device: (device) => writeDevice(running, device),
    pause() {
      running.paused = true
      running.silence = 'pause'
    },
    resume() {
      running.paused = false
    },
    mark: () =>
      append(running, [
        { kind: 'mark', channel: 'agent', firstSample: running.endSample, payload: new Uint8Array() },
      ]),
    isPaused: () => running.paused,
    seal: () => seal(running),
    async abandon() {
      running.paused = true
      running.abandoned.abort()
      await running.begun.catch(() => undefined)
      await running.writer?.close()
    },
  }
}

async function begin(running: Running, recording: NewRecording): Promise<void> {
  const { recordings } = running.needs
  if ((await recordings.space()) === 'none') throw new Error('the disk is full: free some space now')
  running.writer = await recordings.begin(recording)
  const blocks = running.waiting
  running.waiting = []
  for (const block of blocks) write(running, block, running.base ?? block.firstSample)
}

function receiveBlock(running: Running, block: AudioBlock): void {
  running.base ??= block.firstSample
  running.seenSample = block.firstSample - running.base + SAMPLES_PER_RECORD
  if (running.paused) return
  if (running.writer) write(running, block, running.base)
  else if (running.waiting.length * RECORD_MS < running.needs.tuning.beginningMs) running.waiting.push(block)
}

function write(running: Running, block: AudioBlock, base: number): void {
  const firstSample = block.firstSample - base
  fillUpTo(running, firstSample)
  append(
    running,
    CHANNELS.map((channel) => ({
      kind: 'audio',
      channel,
      firstSample,
      payload: running.encoders[channel](block[channel]),
    })),
  )
  running.endSample = firstSample + SAMPLES_PER_RECORD
}

/** Writes what is missing up to `sample` as one silence record per channel. Rule R11. */
function fillUpTo(running: Running, sample: number): void {
  const { silence, endSample } = running
  if (sample <= endSample) return
  const payload = encodeSilence(sample - endSample)
  append(
    running,
    CHANNELS.map((channel) => ({ kind: silence, channel, firstSample: endSample, payload })),
  )
  running.endSample = sample
  running.silence = 'gap'
}

function writeDevice(running: Running, { channel, label }: ChannelLabel) {
  const { writer, endSample } = running
  const payload = new TextEncoder().encode(JSON.stringify({ label, channel }))
  append(running, [{ kind: 'device-change', channel, firstSample: endSample, payload }])
  return writer && { part: writer.header.part, fromMs: Math.round(endSample / SAMPLES_PER_MS) }
}

function append(running: Running, drafts: readonly RecordDraft[]): void {
  const { writer, needs } = running
  if (!writer) return
  const from = writer.position
  const outcome = writer.append(drafts)
  // Only what the writer accepted has a sequence; what it rejected must not be sent under one that another record gets.
  if (writer.position === from + drafts.length) {
    const records = drafts.map((draft, index) => ({ ...draft, sequence: from + index }))
    needs.tail.add(needs.recordingId, writer.header.part, records)
  }
  void outcome.then((result) => reportRefusal(running, result))
}

function reportRefusal(running: Running, outcome: WriteOutcome): void {
  if (outcome.ok) running.isReported = false
  else if (!running.isReported && outcome.reason !== 'closed') {
    running.isReported = true
    const isFull = outcome.reason === 'disk-full'
    const remedy = isFull ? 'free some space now' : 'check the disk'
    const words = `The recording cannot be written (${outcome.detail}): ${remedy}. It is kept in memory meanwhile.`
    const { detail } = outcome
    running.needs.onUserError(userError(isFull ? 'disk-full' : 'not-written', words, { facts: { detail } }))
  }
}

async function seal(running: Running): Promise<void> {
  const { abandoned, needs } = running
  running.paused = true
  await running.begun.catch(() => undefined) // the failure was reported by `begin`; then there is no writer
  if (!running.writer) return
  fillUpTo(running, running.seenSample)
  for (;;) {
    const outcome = await running.writer.seal(running.endSample)
    reportRefusal(running, outcome)
    if (outcome.ok || outcome.reason === 'closed' || abandoned.signal.aborted) return
    await abortableSleep(needs.clock, needs.tuning.sealRetryMs, abandoned.signal)
  }
}
