import { z } from 'zod'
import { leaseId } from './ids.ts'
import { lease, slotCount } from './lease.ts'
import { partHeader, partNumber, position } from './recording.ts'
import { utterance } from './transcript.ts'
import { count, text, wholeMs } from './units.ts'
import { stream } from './agentMessages.ts'

// ── worker → hub ───────────────────────────────────────────────────────────────────────────────
/** The worker's slots, engine and device, sent after each welcome and at each change; 0 slots while it drains. Rule W1. */
export const workerOffer = z.object({
  kind: z.literal('worker-offer'),
  name: text(120),
  slots: slotCount,
  /** Engine, model and device as users see them on the admin page. */
  engine: text(80),
  model: text(120),
  device: text(120),
  decoders: count,
  /** Seconds of audio decoded per second of one decoder, as the self-test measured it. */
  speed: z.number().min(0),
})
/** The worker accepts an offered lease and starts its clock; the hub sends the parts. Rule W2. */
export const leaseAccept = z.object({ kind: z.literal('lease-accept'), leaseId })
/** The worker declines an offered lease; the hub offers the recording to another worker. Rule W2. */
export const leaseDecline = z.object({ kind: z.literal('lease-decline'), leaseId, reason: text(200) })
/** The worker renews a lease, at least three times per `ttlMs`; answered by `lease-renewed` or `lease-revoked`. Rule W3. */
export const leaseRenew = z.object({
  kind: z.literal('lease-renew'),
  leaseId,
  fence: z.int().min(1),
  /** For how long the oldest record or end of a part has been waiting in the worker, in ms; 0 or absent: nothing waits. Rule W10. */
  behindMs: wholeMs.optional(),
})
/** The worker has transcribed all audio of the sealed recording; ends the lease. Rule W8. */
export const leaseDone = z.object({ kind: z.literal('lease-done'), leaseId, fence: z.int().min(1) })
/** The worker gives a lease back unfinished (it drains or its engine failed); another worker continues. Rule W8. */
export const leaseReturn = z.object({
  kind: z.literal('lease-return'),
  leaseId,
  fence: z.int().min(1),
  reason: text(200),
})
/** The worker has consumed the records before `position`; the hub sends at most `window` records beyond it. Rules W5 and W6. */
export const recordsAcknowledged = z.object({
  kind: z.literal('records-acknowledged'),
  leaseId,
  part: partNumber,
  position,
})
/** A partial or final under a lease; the hub drops it when its fence is older than the newest lease. Rules W4 and W7. */
export const utteranceFromWorker = z.object({
  kind: z.literal('utterance'),
  leaseId,
  fence: z.int().min(1),
  utterance,
  /** ms from the end of the audio to this message, by the worker's clock (a figure for people, not for logic). */
  lagMs: wholeMs,
})
/** Every message that a worker sends to the hub after the welcome, by `kind`. */
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
/** The hub offers a recording; an offer without an answer within `ttlMs` is void. Rules W2 and W6. */
export const leaseOffer = z.object({ kind: z.literal('lease-offer'), lease, window: count })
/** The hub confirms a renewal; the worker counts `ttlMs` by its own clock from receipt. Rule W3. */
export const leaseRenewed = z.object({
  kind: z.literal('lease-renewed'),
  leaseId,
  fence: z.int().min(1),
  ttlMs: wholeMs,
})
/** The lease has ended: the worker discards the recording at once; `erased` obliges it to delete audio and text. Rule W9. */
export const leaseRevoked = z.object({
  kind: z.literal('lease-revoked'),
  leaseId,
  reason: z.enum(['expired', 'erased', 'newer-fence', 'unknown-lease']),
})
/** Binary frames of this part follow under `stream`, from `position` on; parts are sent in order. Rule W5. */
export const partFollows = z.object({
  kind: z.literal('part-follows'),
  leaseId,
  stream,
  header: partHeader,
  position,
})
/** The part ends at this position; with `last` the recording is sealed and no part follows. Rule W5. */
export const partEnds = z.object({
  kind: z.literal('part-ends'),
  leaseId,
  part: partNumber,
  position,
  last: z.boolean(),
})
/** Every message that the hub sends to a worker after the welcome, by `kind`. */
export const hubToWorker = z.discriminatedUnion('kind', [
  leaseOffer,
  leaseRenewed,
  leaseRevoked,
  partFollows,
  partEnds,
])
export type HubToWorker = z.infer<typeof hubToWorker>
