import { z } from 'zod'
import { agentId, callId, recordingId } from './ids.ts'
import { count, language, text, wallClockMs } from './units.ts'

/** Samples per second of the clock that `firstSample` counts, on every recording. */
export const SAMPLE_RATE_HZ = 16_000
/** One audio record holds this many samples of one channel (100 ms). */
export const SAMPLES_PER_RECORD = 1_600
/** Length of one audio record in milliseconds, for one channel. */
export const RECORD_MS = (SAMPLES_PER_RECORD / SAMPLE_RATE_HZ) * 1_000

/** agent = the technician's microphone; caller = the audio that the telephone plays. They are never mixed before transcription. */
export const channel = z.enum(['agent', 'caller'])
export type Channel = z.infer<typeof channel>
/** The channels in the order of their wire index. */
export const CHANNELS = ['agent', 'caller'] as const

/**
 * Kind of one entry of the recording log; its index here is its number on the wire and on disk.
 * - `audio`: 100 ms of one channel in the part's codec.
 * - `gap`: audio is missing (device lost, overload): payload = u32 length in samples; readers insert silence there.
 * - `pause`: the technician paused: payload = u32 length in samples; readers insert silence there.
 * - `device-change`: from here on another device records a channel: payload = UTF-8 JSON {"label": string, "channel"?:
 *   "agent" | "caller"}. Without `channel` (older agents) the record's own channel does not identify the side that changed.
 * - `mark`: the technician marked this moment; empty payload.
 * - `sealed`: the recording is complete; the last record of its last part; empty payload.
 */
export const RECORD_KINDS = ['audio', 'gap', 'pause', 'device-change', 'mark', 'sealed'] as const
/** Schema of a record's kind, one of RECORD_KINDS as text. */
export const recordKind = z.enum(RECORD_KINDS)
export type RecordKind = z.infer<typeof recordKind>

/** 1, 2, 3 …: after a restart an agent never continues a part, it opens the next one. Rule R4. */
export const partNumber = z.int().min(1).max(9_999)
/** Sequence of the next record, that is, the number of records that a side has of a part: the only measure of progress. */
export const position = z.int().min(0).max(0xffff_ffff)

/** opus: five 20 ms packets, each preceded by its u16 length. pcm16: 1,600 little-endian samples. Rule R12. */
export const codec = z.enum(['opus', 'pcm16'])
export type Codec = z.infer<typeof codec>

/** The legal basis on which a call may be recorded; it is stored with each recording. */
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

/** The header of every part, written once and sent with `part-open`. */
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

/**
 * The header as the hub stores it: with the agent that opened the part. The hub writes that id from the agent's token and
 * reads it from its own disk only; `part-open` has no such field, so an agent cannot name an owner. Rule R15.
 */
export const storedPartHeader = partHeader.extend({
  /** Absent in a part that was stored before this rule, and on an agent's own disk. */
  agentId: agentId.optional(),
})
export type StoredPartHeader = z.infer<typeof storedPartHeader>

/** Returns the header as it is sent: whose part it is stays with the hub. */
export function headerAsSent({ agentId: _, ...header }: StoredPartHeader): PartHeader {
  return header
}

/** One entry of a recording log, decoded from a frame or a part file. */
export interface LogRecord {
  readonly sequence: number
  readonly kind: RecordKind
  /** Marks, seals and other records without audio belong to the agent's channel. */
  readonly channel: Channel
  /** On the part's monotonic 16 kHz clock. */
  readonly firstSample: number
  readonly payload: Uint8Array
}
