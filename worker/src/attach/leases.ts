import type { Clock, HubToWorker, Lease, LeaseId, WorkerToHub } from '@3cx-ninja/protocol'
import { decodeFrame } from '@3cx-ninja/protocol'
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import type { Log } from '../log.ts'
import { knowsLanguage } from '../model/manifest.ts'
import { createLeaseReader, type LeaseReader, type RecognitionContext } from '../reading/leaseReader.ts'

/**
 * The leases that this worker holds on one link. A lease is held from its acceptance until its recording is done, its reader
 * breaks, the hub revokes it, its renewals stay unanswered for its whole duration, or the link closes. Rules W2 to W9 of
 * PROTOCOL.md. Knows nothing of sockets and enrollment: attachWorker.ts sends what is sent here.
 */
export interface Leases {
  /** Applies one message of the hub. A message about a lease that is not held changes nothing. */
  message(message: HubToWorker): void
  /** Hands the records of one binary frame to the lease whose stream it names. Logs a frame that cannot be decoded. */
  binary(frame: Uint8Array): void
  /** Returns the number of leases held now. */
  count(): number
  /** Declines every offer from now on; the leases held go on. */
  drain(): void
  /** Ends all leases and sends a `lease-return` for each, so that another worker goes on at once. */
  giveBack(reason: string): void
  /** Ends all leases without a message, because the link is closed: the hub offers the recordings again, perhaps to this worker. */
  drop(): void
}

/** What the leases of a worker need from it: room, recognition, a clock, and a way to the hub. */
export interface LeasesNeeds {
  readonly slots: number
  readonly languages: readonly string[]
  readonly recognition: RecognitionContext
  readonly clock: Clock
  readonly renewalsPerLease: number
  readonly send: (message: WorkerToHub) => void
  readonly log: Log
  /** Called each time a lease begins or ends. */
  readonly onCount: () => void
  /** Called with the error when a reader broke, such as EngineDown when the decoders cannot run. */
  readonly onDown: (error: unknown) => void
}

interface HeldLease {
  readonly lease: Lease
  readonly reader: LeaseReader
  /** The part that each stream of this lease carries. */
  readonly parts: Map<number, number>
  validUntilMs: number
  cancelRenewal: () => void
}
interface LeaseTable {
  readonly needs: LeasesNeeds
  readonly held: Map<LeaseId, HeldLease>
  draining: boolean
}

/** Returns an empty table of leases. It sends nothing until the hub offers a lease; timers run only while leases are held. */
export function createLeases(needs: LeasesNeeds): Leases {
  const table: LeaseTable = { needs, held: new Map(), draining: false }
  return {
    message: (message) => applyMessage(table, message),
    binary: (frame) => applyFrame(table, frame),
    count: () => table.held.size,
    drain: () => void (table.draining = true),
    giveBack(reason) {
      for (const leaseId of [...table.held.keys()]) returnLease(table, leaseId, reason)
    },
    drop() {
      for (const leaseId of [...table.held.keys()]) endLease(table, leaseId)
    },
  }
}

function applyMessage(table: LeaseTable, message: HubToWorker): void {
  if (message.kind === 'lease-offer') return answerOffer(table, message.lease)
  const held = table.held.get(message.leaseId)
  if (!held) return
  switch (message.kind) {
    case 'lease-renewed':
      if (message.fence === held.lease.fence)
        held.validUntilMs = table.needs.clock.monotonicMs() + message.ttlMs
      return
    case 'lease-revoked': {
      const { recordingId } = held.lease
      table.needs.log.info({ recordingId, reason: message.reason }, 'lease.revoked')
      return endLease(table, message.leaseId)
    }
    case 'part-follows':
      held.parts.set(message.stream, message.header.part)
      return held.reader.partFollows(message.header)
    case 'part-ends':
      for (const [stream, part] of held.parts) if (part === message.part) held.parts.delete(stream)
      return held.reader.partEnds(message.part, message.position, message.last)
  }
}

function applyFrame({ held, needs }: LeaseTable, frame: Uint8Array): void {
  const decoded = decodeFrame(frame)
  if (!decoded.ok) return needs.log.error({ fault: decoded.fault }, 'frame.broken')
  for (const { parts, reader } of held.values()) {
    const part = parts.get(decoded.stream)
    if (part !== undefined) return reader.records(part, decoded.records)
  }
}

function answerOffer(table: LeaseTable, lease: Lease): void {
  const { leaseId, fence, recordingId } = lease
  const { send, log, clock, onCount } = table.needs
  const reason = declineReason(table, lease)
  if (reason !== undefined) return send({ kind: 'lease-decline', leaseId, reason })
  const accepted: HeldLease = {
    lease,
    reader: openReader(table, lease),
    parts: new Map(),
    validUntilMs: clock.monotonicMs() + lease.ttlMs,
    cancelRenewal: () => undefined,
  }
  // A recording may come back under a newer fence: the hub drops everything that is still sent under the older one [W4].
  for (const [id, held] of table.held) if (held.lease.recordingId === recordingId) endLease(table, id)
  table.held.set(leaseId, accepted)
  send({ kind: 'lease-accept', leaseId })
  log.info({ recordingId, fence, live: lease.live }, 'lease.accepted')
  scheduleRenewal(table, accepted)
  onCount()
}

function declineReason(table: LeaseTable, { language, recordingId }: Lease): string | undefined {
  if (table.draining) return 'this worker drains'
  const { slots, languages } = table.needs
  const isHeld = [...table.held.values()].some(({ lease }) => lease.recordingId === recordingId)
  if (table.held.size >= slots && !isHeld) return 'no slot is free'
  if (!knowsLanguage(languages, language))
    return `the model knows ${languages.join(', ')} only, not ${language}`
  return undefined
}

function openReader(table: LeaseTable, lease: Lease): LeaseReader {
  const { leaseId, fence, recordingId } = lease
  const { send, log, recognition, onDown } = table.needs
  return createLeaseReader({
    lease,
    recognition,
    onUtterance: (utterance, lagMs) => send({ kind: 'utterance', leaseId, fence, utterance, lagMs }),
    onAcknowledge: (part, position) => send({ kind: 'records-acknowledged', leaseId, part, position }),
    onDone() {
      send({ kind: 'lease-done', leaseId, fence })
      log.info({ recordingId, fence }, 'lease.done')
      endLease(table, leaseId)
    },
    onBroken(error) {
      log.error({ recordingId, fence, cause: causeOf(error) }, 'lease.broken')
      returnLease(table, leaseId, causeOf(error))
      onDown(error)
    },
  })
}

function scheduleRenewal(table: LeaseTable, held: HeldLease): void {
  const { leaseId, fence, ttlMs, recordingId } = held.lease
  const { clock, send, log, renewalsPerLease } = table.needs
  held.cancelRenewal = clock.after(ttlMs / renewalsPerLease, () => {
    if (clock.monotonicMs() >= held.validUntilMs) {
      log.warn({ recordingId, fence }, 'lease.lost')
      return endLease(table, leaseId)
    }
    // Whole milliseconds: a worker that keeps up has nothing waiting for longer than it takes to read a record.
    send({ kind: 'lease-renew', leaseId, fence, behindMs: Math.round(held.reader.behindMs()) })
    scheduleRenewal(table, held)
  })
}

function returnLease(table: LeaseTable, leaseId: LeaseId, reason: string): void {
  const held = table.held.get(leaseId)
  if (!held) return
  table.needs.send({ kind: 'lease-return', leaseId, fence: held.lease.fence, reason: reason.slice(0, 200) })
  endLease(table, leaseId)
}

function endLease(table: LeaseTable, leaseId: LeaseId): void {
  const held = table.held.get(leaseId)
  if (!held) return
  table.held.delete(leaseId)
  held.cancelRenewal()
  held.reader.stop()
  table.needs.onCount()
}
