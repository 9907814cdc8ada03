import { z } from 'zod'
import { leaseId } from './ids.ts'
import { lease, slotCount } from './lease.ts'
import { partHeader, partNumber, position } from './recording.ts'
import { utterance } from './transcript.ts'
import { count, text, wholeMs } from './units.ts'
import { stream } from './agentMessages.ts'

// ── worker → hub ───────────────────────────────────────────────────────────────────────────────
/** How many calls this worker can take, and what it is. Sent after welcome and when it changes; 0 while draining. */
export const workerOffer = z.object({
  kind: z.literal('worker-offer'),
  name: text(120),
  slots: slotCount,
  /** What users see: engine, model, processor. */
  engine: text(80),
  model: text(120),
  device: text(120),
  decoders: count,
  /** Seconds of sound decoded per second of one decoder, as the self-test measured it. */
  speed: z.number().min(0),
})
export const leaseAccept = z.object({ kind: z.literal('lease-accept'), leaseId })
export const leaseDecline = z.object({ kind: z.literal('lease-decline'), leaseId, reason: text(200) })
export const leaseRenew = z.object({ kind: z.literal('lease-renew'), leaseId, fence: z.int().min(1) })
/** All audio of the sealed recording is transcribed. */
export const leaseDone = z.object({ kind: z.literal('lease-done'), leaseId, fence: z.int().min(1) })
/** Given back without finishing: draining or broken; another worker goes on. */
export const leaseReturn = z.object({
  kind: z.literal('lease-return'),
  leaseId,
  fence: z.int().min(1),
  reason: text(200),
})
/** Records up to here are taken in; the hub sends at most `window` records beyond. */
export const recordsAcknowledged = z.object({
  kind: z.literal('records-acknowledged'),
  leaseId,
  part: partNumber,
  position,
})
export const utteranceFromWorker = z.object({
  kind: z.literal('utterance'),
  leaseId,
  fence: z.int().min(1),
  utterance,
  /** ms from the end of the sound to this message, by the worker's clock (a figure for people, not for logic). */
  lagMs: wholeMs,
})
export const workerToHub = z.discriminatedUnion('kind', [
  workerOffer,
  leaseAccept,
  leaseDecline,
  leaseRenew,
  leaseDone,
  leaseReturn,
  recordsAcknowledged,
  utteranceFromWorker,
])
export type WorkerToHub = z.infer<typeof workerToHub>
export type WorkerOffer = z.infer<typeof workerOffer>

// ── hub → worker ───────────────────────────────────────────────────────────────────────────────
export const leaseOffer = z.object({ kind: z.literal('lease-offer'), lease, window: count })
export const leaseRenewed = z.object({
  kind: z.literal('lease-renewed'),
  leaseId,
  fence: z.int().min(1),
  ttlMs: wholeMs,
})
/** The lease is lost or taken back; forget it. */
export const leaseRevoked = z.object({
  kind: z.literal('lease-revoked'),
  leaseId,
  reason: z.enum(['expired', 'erased', 'newer-fence', 'unknown-lease']),
})
/** Binary frames of this part follow under `stream`, from `position` on. Parts come in order. */
export const partFollows = z.object({
  kind: z.literal('part-follows'),
  leaseId,
  stream,
  header: partHeader,
  position,
})
/** The part ends at this position; when `last`, the recording is sealed and no part follows. */
export const partEnds = z.object({
  kind: z.literal('part-ends'),
  leaseId,
  part: partNumber,
  position,
  last: z.boolean(),
})
export const hubToWorker = z.discriminatedUnion('kind', [
  leaseOffer,
  leaseRenewed,
  leaseRevoked,
  partFollows,
  partEnds,
])
export type HubToWorker = z.infer<typeof hubToWorker>
