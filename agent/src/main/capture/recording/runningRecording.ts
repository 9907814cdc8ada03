import { CHANNELS, SAMPLES_PER_RECORD, type Channel, type Clock, type RecordingId } from '@3cx-ninja/protocol'
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

export interface RunningNeeds {
  readonly recordings: Recordings
  readonly codec: BlockCodec
  readonly clock: Clock
  readonly tail: LiveTail
  readonly tuning: CaptureTuning
  readonly recordingId: RecordingId
  readonly paused: boolean
  readonly preRoll: readonly AudioBlock[]
  readonly onUserError: (trouble: Error) => void
}

export interface RunningRecording {
  /** Rejects when no file could be made; nothing was written then. */
  begin(recording: NewRecording): Promise<void>
  block(block: AudioBlock): void
  /** Writes it, and tells where it stands; undefined: there is no file yet. */
  device(device: ChannelLabel): { readonly part: number; readonly fromMs: number } | undefined
  /** From this call on no sound is written, whatever else fails. */
  pause(): void
  resume(): void
  mark(): void
  isPaused(): boolean
  /** Completes the recording; on a full disk it tries again until there is room, or the recording is abandoned. */
  seal(): Promise<void>
  /** Closes the file without sealing it. */
  abandon(): Promise<void>
}

const BLOCK_MS = 100
const SAMPLES_PER_MS = SAMPLES_PER_RECORD / BLOCK_MS
const SEAL_AGAIN_MS = 5_000

/** One recording being written: blocks in, records out, on a clock of its own that starts with the first block. */
export function createRunningRecording(needs: RunningNeeds): RunningRecording {
  const { tail, recordingId } = needs
  const encoders: Record<Channel, BlockEncoder> = {
    agent: needs.codec.createEncoder(),
    caller: needs.codec.createEncoder(),
  }
  let writer: RecordingWriter | undefined
  let begun: Promise<void> = Promise.resolve()
  let waiting: AudioBlock[] = [...needs.preRoll]
  let paused = needs.paused
  let silence: 'pause' | 'gap' = paused ? 'pause' : 'gap'
  let base: number | undefined = needs.preRoll[0]?.firstSample
  /** First sample behind what is written, and behind what has passed by. */
  let endSample = 0
  let seenSample = 0
  let trouble = false
  let abandoned = false
  let wake: () => void = () => undefined

  const isAbandoned = () => abandoned
  const append = (drafts: readonly RecordDraft[]) => {
    if (!writer) return
    const from = writer.position
    const outcome = writer.append(drafts)
    // Only what the writer took has a sequence; what it left out must not be sent under one that another record gets.
    if (writer.position === from + drafts.length) {
      const records = drafts.map((draft, index) => ({ ...draft, sequence: from + index }))
      tail.add(recordingId, writer.header.part, records)
    }
    void outcome.then(tellTrouble)
  }
  const tellTrouble = (outcome: WriteOutcome) => {
    if (outcome.ok) trouble = false
    else if (!trouble && outcome.reason !== 'closed') {
      trouble = true
      const isFull = outcome.reason === 'disk-full'
      const remedy = isFull ? 'free some space now' : 'check the disk'
      const words = `The recording cannot be written (${outcome.detail}): ${remedy}. It is kept in memory meanwhile.`
      const { detail } = outcome
      needs.onUserError(userError(isFull ? 'disk-full' : 'not-written', words, { facts: { detail } }))
    }
  }
  /** What was not written, up to here, as one record per channel. Rule R11. */
  const fillUpTo = (sample: number) => {
    if (sample <= endSample) return
    const payload = encodeSilence(sample - endSample)
    append(CHANNELS.map((channel) => ({ kind: silence, channel, firstSample: endSample, payload })))
    endSample = sample
    silence = 'gap'
  }
  const write = (block: AudioBlock, from: number) => {
    const firstSample = block.firstSample - from
    fillUpTo(firstSample)
    append(
      CHANNELS.map((channel) => ({
        kind: 'audio',
        channel,
        firstSample,
        payload: encoders[channel](block[channel]),
      })),
    )
    endSample = firstSample + SAMPLES_PER_RECORD
  }
  const flushWaiting = () => {
    const blocks = waiting
    waiting = []
    for (const block of blocks) write(block, base ?? block.firstSample)
  }

  return {
    begin(recording) {
      begun = (async () => {
        if ((await needs.recordings.space()) === 'none')
          throw new Error('the disk is full: free some space now')
        writer = await needs.recordings.begin(recording)
        flushWaiting()
      })()
      return begun
    },
    block(block) {
      base ??= block.firstSample
      seenSample = block.firstSample - base + SAMPLES_PER_RECORD
      if (paused) return
      if (writer) write(block, base)
      else if (waiting.length * BLOCK_MS < needs.tuning.beginningMs) waiting.push(block)
    },
    device({ channel, label }) {
      const payload = new TextEncoder().encode(JSON.stringify({ label, channel }))
      append([{ kind: 'device-change', channel, firstSample: endSample, payload }])
      return writer && { part: writer.header.part, fromMs: Math.round(endSample / SAMPLES_PER_MS) }
    },
    pause() {
      paused = true
      silence = 'pause'
    },
    resume() {
      paused = false
    },
    mark: () =>
      append([{ kind: 'mark', channel: 'agent', firstSample: endSample, payload: new Uint8Array() }]),
    isPaused: () => paused,
    async seal() {
      paused = true
      await begun.catch(() => undefined) // its failure was told; then there is no writer
      if (!writer) return
      fillUpTo(seenSample)
      for (;;) {
        const outcome = await writer.seal(endSample)
        tellTrouble(outcome)
        if (outcome.ok || outcome.reason === 'closed' || isAbandoned()) return
        await new Promise<void>((resolve) => {
          const cancel = needs.clock.after(SEAL_AGAIN_MS, resolve)
          wake = () => {
            cancel()
            resolve()
          }
        })
      }
    },
    async abandon() {
      paused = true
      abandoned = true
      wake()
      await begun.catch(() => undefined)
      await writer?.close()
    },
  }
}
