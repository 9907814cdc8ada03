import { z } from 'zod'
import { callId, recordingId } from './ids.ts'
import { count, language, text, wallClockMs } from './units.ts'

/** Samples per second of the clock that `firstSample` counts, on every recording. */
export const SAMPLE_RATE_HZ = 16_000
/** One audio record holds this many samples of one channel (100 ms). */
export const SAMPLES_PER_RECORD = 1_600
/** Length of one audio record. */
export const RECORD_MS = (SAMPLES_PER_RECORD / SAMPLE_RATE_HZ) * 1_000

/** agent = the technician's microphone; caller = what the telephone plays. Never mixed before transcription. */
export const channel = z.enum(['agent', 'caller'])
export type Channel = z.infer<typeof channel>
export const CHANNELS = ['agent', 'caller'] as const

/**
 * What one entry of the recording log says.
 * - `audio`: 100 ms of one channel in the part's codec.
 * - `gap`: sound is missing (device lost, overload): payload = u32 length in samples; readers put silence there.
 * - `pause`: the technician paused: payload = u32 length in samples; readers put silence there.
 * - `device-change`: from here on a channel is heard by another device: payload = UTF-8 JSON {"label": string, "channel"?:
 *   "agent" | "caller"}. Without `channel` (older agents) the record's own channel says nothing.
 * - `mark`: the technician marked this moment; empty payload.
 * - `sealed`: the recording is complete; the last record of its last part; empty payload.
 */
export const RECORD_KINDS = ['audio', 'gap', 'pause', 'device-change', 'mark', 'sealed'] as const
export const recordKind = z.enum(RECORD_KINDS)
export type RecordKind = z.infer<typeof recordKind>

/** 1, 2, 3 …: after a restart an agent never continues a log, it opens the next part. */
export const partNumber = z.int().min(1).max(9_999)
/** The next record sequence: how many records a side holds of a part. The one measure of progress everywhere. */
export const position = z.int().min(0).max(0xffff_ffff)

/** opus: five 20 ms packets, each preceded by its u16 length. pcm16: 1,600 little-endian samples. */
export const codec = z.enum(['opus', 'pcm16'])
export type Codec = z.infer<typeof codec>

/** On what basis this call may be recorded. Stored with each recording. */
export const consent = z.object({
  basis: z.enum([
    'announcement',
    'contract',
    'verbal',
    'legitimate-interest',
    'not-required',
    'demonstration',
  ]),
  /** Version of the site's rule as the administrator confirmed it. */
  ruleVersion: count,
})
export type Consent = z.infer<typeof consent>

/** What stands once at the head of every part. */
export const partHeader = z.object({
  recordingId,
  callId,
  part: partNumber,
  codec,
  /** Wall-clock time of sample 0 of this part. */
  startedAtMs: wallClockMs,
  /** Position at which the previous part ended on the agent after repair; 0 for part 1. */
  previousPosition: position,
  extension: text(32),
  language,
  consent,
})
export type PartHeader = z.infer<typeof partHeader>

/** One entry of a recording log. */
export interface LogRecord {
  readonly sequence: number
  readonly kind: RecordKind
  /** Marks, seals and the like belong to the agent's channel. */
  readonly channel: Channel
  /** On the part's monotonic 16 kHz clock. */
  readonly firstSample: number
  readonly payload: Uint8Array
}
