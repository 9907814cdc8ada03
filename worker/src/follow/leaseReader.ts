import {
  CHANNELS,
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
import type { Log } from '../log.ts'
import { languageFor, type Manifest } from '../model/manifest.ts'
import { createSpeechChannel, type SpeechChannel } from '../segmenting/speechChannel.ts'
import type { SpeechDetector } from '../segmenting/speechDetector.ts'
import { createEchoGuard, type EchoGuard } from '../transcribing/echoGuard.ts'
import { createChannelTranscriber, type ChannelTranscriber } from '../transcribing/channelTranscriber.ts'
import { SAMPLES_PER_MS, type WorkerTuning } from '../tuning.ts'
import { createBlockDecoder, type BlockDecoder } from './blockDecoder.ts'

/** What all leases of a worker share. */
export interface Hearing {
  readonly pool: Pick<DecoderPool, 'final' | 'partial' | 'waiting'>
  readonly detector: SpeechDetector
  readonly manifest: Manifest
  readonly tuning: WorkerTuning
  readonly clock: Clock
  readonly newUtteranceId: () => UtteranceId
  readonly log: Log
}

export interface LeaseReaderNeeds {
  readonly lease: Lease
  readonly hearing: Hearing
  readonly onUtterance: (utterance: Utterance, lagMs: number) => void
  readonly onTaken: (part: number, position: number) => void
  /** The recording is transcribed to its seal. */
  readonly onDone: () => void
  /** The recording cannot be transcribed here: it must go to another worker. */
  readonly onBroken: (error: unknown) => void
}

/** Reads one recording part after part: records in, utterances out. Work is queued, so that callers never wait. */
export interface LeaseReader {
  partFollows(header: PartHeader): void
  records(part: number, records: readonly LogRecord[]): void
  partEnds(part: number, position: number, last: boolean): void
  stop(): void
}

interface ReadChannel {
  readonly decoder: BlockDecoder
  readonly speech: SpeechChannel
  readonly transcriber: ChannelTranscriber
}
interface OpenPart {
  readonly part: number
  readonly channels: Readonly<Record<Channel, ReadChannel>>
  readonly echo: EchoGuard
}

export function createLeaseReader(needs: LeaseReaderNeeds): LeaseReader {
  const { lease, hearing } = needs
  const { clock, tuning } = hearing
  const stopping = new AbortController()
  const { signal } = stopping
  let open: OpenPart | undefined
  let queue: Promise<void> = Promise.resolve()
  let untold: { readonly part: number; readonly position: number; readonly records: number } | undefined
  let cancelTelling: (() => void) | undefined

  /** The hub needs it for its window, not for each frame: with many live calls that is most of what a worker says. */
  const taken = (part: number, position: number, records: number) => {
    untold = { part, position, records: (untold?.records ?? 0) + records }
    if (untold.records >= tuning.takenRecords) tellTaken()
    else cancelTelling ??= clock.after(tuning.takenMs, tellTaken)
  }
  const tellTaken = () => {
    cancelTelling?.()
    cancelTelling = undefined
    if (untold && !signal.aborted) needs.onTaken(untold.part, untold.position)
    untold = undefined
  }

  const enqueue = (work: () => Promise<void>) => {
    queue = queue
      .then(() => (signal.aborted ? undefined : work()))
      .catch((error: unknown) => {
        if (signal.aborted) return
        stopping.abort()
        needs.onBroken(error)
      })
  }

  const openChannel = async (header: PartHeader, channel: Channel, echo: EchoGuard): Promise<ReadChannel> => {
    const decoder = await createBlockDecoder(header.codec)
    let arrivedMs = clock.monotonicMs()
    const transcriber = createChannelTranscriber({
      ...hearing,
      recordingId: lease.recordingId,
      channel,
      part: header.part,
      language: languageFor(hearing.manifest, lease.language),
      vocabulary: lease.vocabulary,
      live: lease.live,
      textBefore: lease.resume[channel]?.text ?? '',
      signal,
      ...(channel === 'agent' ? { withoutEcho: echo.withoutEcho, isEcho: echo.isEcho } : {}),
      onUtterance(utterance, heardMs) {
        if (channel === 'caller') echo.callerSaid(utterance)
        needs.onUtterance(utterance, Math.max(0, Math.round(clock.monotonicMs() - heardMs)))
      },
      onDown: (error) => {
        if (signal.aborted) return
        stopping.abort()
        needs.onBroken(error)
      },
    })
    const speech = createSpeechChannel({
      detector: hearing.detector,
      tuning,
      maxPieceSeconds: hearing.manifest.maxPieceSeconds,
      resumeSample: resumeSample(lease, channel, header.part),
      onSpeech(said) {
        // The end of the utterance lies before the head of the sound, which arrived just now.
        const behind = said.kind === 'closed' ? speech.headSample() - said.sound.toSample : 0
        transcriber.speech(said, arrivedMs - behind / SAMPLES_PER_MS)
      },
    })
    const arrive = () => (arrivedMs = clock.monotonicMs())
    return {
      decoder,
      transcriber,
      speech: {
        ...speech,
        async take(firstSample, samples) {
          arrive()
          if (channel === 'caller') echo.callerSounded(firstSample, samples)
          await speech.take(firstSample, samples)
          const paused = transcriber.wantsEarly(speech.pausedAt()) ? speech.pausedSound() : undefined
          if (paused) transcriber.early(paused, arrivedMs)
          const sound = transcriber.wantsPartial(speech.openSamples()) ? speech.openSound() : undefined
          if (sound) transcriber.partial(sound, arrivedMs)
        },
      },
    }
  }

  const read = async ({ channels }: OpenPart, record: LogRecord) => {
    const { decoder, speech, transcriber } = channels[record.channel]
    switch (record.kind) {
      case 'audio':
        await speech.take(record.firstSample, decoder.decode(record.payload))
        return transcriber.room()
      case 'gap':
      case 'pause': // the next sound tells by where it stands
      case 'device-change':
      case 'mark':
      case 'sealed':
        return
    }
  }

  const tellBroken = (channel: string, part: number, { brokenPackets }: BlockDecoder) => {
    const packets = brokenPackets()
    if (packets > 0)
      hearing.log.warn({ recordingId: lease.recordingId, part, channel, packets }, 'sound.broken')
  }

  const tellEchoes = ({ part, echo }: OpenPart) => {
    const left = echo.leftAway()
    if (left.utterances > 0 || left.soundMs > 0)
      hearing.log.info({ recordingId: lease.recordingId, part, ...left }, 'echo.left-away')
  }

  const endPart = async () => {
    const ending = open
    open = undefined
    for (const [channel, { decoder, speech, transcriber }] of Object.entries(ending?.channels ?? {})) {
      await speech.end()
      tellBroken(channel, ending?.part ?? 0, decoder)
      decoder.free()
      await transcriber.settled()
    }
    if (ending) tellEchoes(ending)
  }

  return {
    partFollows: (header) =>
      enqueue(async () => {
        await endPart()
        const callersWords = () => open?.channels.caller.transcriber.settled() ?? Promise.resolve()
        const echo = createEchoGuard({ callersWords })
        const [agent, caller] = await Promise.all(
          CHANNELS.map((channel) => openChannel(header, channel, echo)),
        )
        if (agent && caller) open = { part: header.part, channels: { agent, caller }, echo }
      }),
    records: (part, records) =>
      enqueue(async () => {
        if (open?.part !== part) return
        for (const record of records) {
          if (signal.aborted) return
          await read(open, record)
        }
        const last = records.at(-1)
        if (last) taken(part, last.sequence + 1, records.length)
      }),
    partEnds: (part, position, last) =>
      enqueue(async () => {
        await endPart()
        if (signal.aborted) return
        taken(part, position, tuning.takenRecords)
        if (last) needs.onDone()
      }),
    stop() {
      stopping.abort()
      cancelTelling?.()
      // A part that was about to be opened has its decoders only when the work under way is over.
      void queue.then(() => {
        for (const { decoder } of Object.values(open?.channels ?? {})) decoder.free()
        open = undefined
      })
    },
  }
}

/** Everything of a part before the resume point is known; of earlier parts all of it. */
function resumeSample({ resume }: Lease, channel: Channel, part: number): number {
  const last = resume[channel]
  if (!last || part > last.part) return 0
  return part < last.part ? Number.MAX_SAFE_INTEGER : Math.round((last.toMs * SAMPLE_RATE_HZ) / 1_000)
}
