import {
  SAMPLE_RATE_HZ,
  type Channel,
  type Clock,
  type Lease,
  type LogRecord,
  type PartHeader,
  type Utterance,
  type UtteranceId,
} from '@3cx-ninja/protocol'
import type { DecoderPool } from '../decoders/decoderPool.ts'
import { createSpeechChannel, type SpeechChannel, type SpeechEvent } from '../endpointing/speechChannel.ts'
import type { SpeechDetector } from '../endpointing/speechDetector.ts'
import type { Log } from '../log.ts'
import { languageFor, type Manifest } from '../model/manifest.ts'
import { createChannelTranscriber, type ChannelTranscriber } from '../transcribing/channelTranscriber.ts'
import { createEchoFilter, type EchoFilter } from '../transcribing/echoFilter.ts'
import { SAMPLES_PER_MS, type WorkerTuning } from '../tuning.ts'
import { createBlockDecoder, type BlockDecoder } from './blockDecoder.ts'

/** What all leases of a worker share: decoders, speech detector, model, tuning, clock, ids and log. */
export interface RecognitionContext {
  readonly pool: Pick<DecoderPool, 'final' | 'partial' | 'waiting'>
  readonly detector: SpeechDetector
  readonly manifest: Manifest
  readonly tuning: WorkerTuning
  readonly clock: Clock
  readonly newUtteranceId: () => UtteranceId
  readonly log: Log
}

export interface PartReaderNeeds {
  readonly lease: Lease
  readonly header: PartHeader
  readonly recognition: RecognitionContext
  readonly signal: AbortSignal
  readonly onUtterance: (utterance: Utterance, lagMs: number) => void
  /** No decoder can run. */
  readonly onDown: (error: unknown) => void
}

/**
 * Reads the two channels of one part: payloads are decoded, utterances found and transcribed. Open from its creation until
 * `end` or `free`; calls must not overlap.
 */
export interface PartReader {
  readonly part: number
  /** Resolves once the record is read and few enough finals wait for the next one. Rejects when the speech detector fails. */
  read(record: LogRecord): Promise<void>
  /** Closes open utterances, frees the decoders; resolves once every final of the part is sent. */
  end(): Promise<void>
  /** Frees the decoders at once; nothing more is sent. */
  free(): void
}

interface PartChannel {
  readonly channel: Channel
  readonly decoder: BlockDecoder
  readonly speech: SpeechChannel
  readonly transcriber: ChannelTranscriber
  /** When the newest audio arrived here, on the monotonic clock. */
  arrivedMs: number
}
interface PartState {
  readonly needs: PartReaderNeeds
  readonly echo: EchoFilter
  /** Set while the part is open: at its end the echo filter no longer waits for the caller's finals. */
  channels: Readonly<Record<Channel, PartChannel>> | undefined
}

/** Resolves with a reader whose decoders are loaded. Rejects when a decoder cannot be created. */
export async function openPartReader(needs: PartReaderNeeds): Promise<PartReader> {
  const callerFinalsSettled = async () => state.channels?.caller.transcriber.settled()
  const state: PartState = { needs, echo: createEchoFilter({ callerFinalsSettled }), channels: undefined }
  const [agent, caller] = await Promise.all([openChannel(state, 'agent'), openChannel(state, 'caller')])
  const channels = { agent, caller }
  state.channels = channels
  return {
    part: needs.header.part,
    async read(record) {
      switch (record.kind) {
        case 'audio':
          return readAudio(state, channels[record.channel], record)
        case 'gap':
        case 'pause': // The first sample of the next audio record shows how long it was.
        case 'device-change':
        case 'mark':
        case 'sealed':
          return
      }
    },
    async end() {
      state.channels = undefined
      await endChannel(state, agent)
      await endChannel(state, caller)
      logRemovedEcho(state)
    },
    free() {
      agent.decoder.free()
      caller.decoder.free()
    },
  }
}

async function openChannel({ needs, echo }: PartState, channel: Channel): Promise<PartChannel> {
  const { lease, header, recognition, signal } = needs
  const { clock, manifest, tuning } = recognition
  const decoder = await createBlockDecoder(header.codec)
  const transcriber = createChannelTranscriber({
    ...recognition,
    recordingId: lease.recordingId,
    channel,
    part: header.part,
    language: languageFor(manifest, lease.language),
    vocabulary: lease.vocabulary,
    live: lease.live,
    previousText: lease.resume[channel]?.text ?? '',
    signal,
    ...(channel === 'agent' ? { removeEcho: echo.removeEcho, isEcho: echo.isEcho } : {}),
    onUtterance(utterance, spokenMs) {
      if (channel === 'caller') echo.addCallerUtterance(utterance)
      needs.onUtterance(utterance, Math.max(0, Math.round(clock.monotonicMs() - spokenMs)))
    },
    onDown: needs.onDown,
  })
  const speech = createSpeechChannel({
    detector: recognition.detector,
    tuning,
    maxPieceSeconds: manifest.maxPieceSeconds,
    resumeSample: resumeSample(lease, channel, header.part),
    onSpeech: (event) => transcriber.speech(event, spokenMsOf(opened, event)),
  })
  const opened: PartChannel = { channel, decoder, speech, transcriber, arrivedMs: clock.monotonicMs() }
  return opened
}

/** The end of a closed utterance lies before the head of the channel, whose audio arrived just now. */
function spokenMsOf({ speech, arrivedMs }: PartChannel, event: SpeechEvent): number {
  if (event.kind === 'opened') return arrivedMs
  return arrivedMs - (speech.headSample() - event.segment.toSample) / SAMPLES_PER_MS
}

async function readAudio(
  { needs, echo }: PartState,
  open: PartChannel,
  { firstSample, payload }: LogRecord,
): Promise<void> {
  const { speech, transcriber } = open
  const samples = open.decoder.decode(payload)
  open.arrivedMs = needs.recognition.clock.monotonicMs()
  if (open.channel === 'caller') echo.addCallerSound(firstSample, samples)
  await speech.write(firstSample, samples)
  const paused = transcriber.wantsSpeculativeDecode(speech.pausedAt()) ? speech.pausedSegment() : undefined
  if (paused) transcriber.speculate(paused, open.arrivedMs)
  const spoken = transcriber.wantsPartial(speech.openSamples()) ? speech.openSegment() : undefined
  if (spoken) transcriber.partial(spoken, open.arrivedMs)
  await transcriber.capacity()
}

async function endChannel({ needs }: PartState, open: PartChannel): Promise<void> {
  const { channel, decoder, speech, transcriber } = open
  const { recordingId } = needs.lease
  await speech.end()
  const packets = decoder.brokenPackets()
  if (packets > 0)
    needs.recognition.log.warn(
      { recordingId, part: needs.header.part, channel, packets },
      'audio.broken-packets',
    )
  decoder.free()
  await transcriber.settled()
}

function logRemovedEcho({ needs, echo }: PartState): void {
  const removed = echo.removed()
  const { recordingId } = needs.lease
  if (removed.utterances > 0 || removed.soundMs > 0)
    needs.recognition.log.info({ recordingId, part: needs.header.part, ...removed }, 'echo.removed')
}

/** Everything of a part before the resume point is transcribed already; of earlier parts all of it. */
function resumeSample({ resume }: Lease, channel: Channel, part: number): number {
  const last = resume[channel]
  if (!last || part > last.part) return 0
  return part < last.part ? Number.MAX_SAFE_INTEGER : Math.round((last.toMs * SAMPLE_RATE_HZ) / 1_000)
}
