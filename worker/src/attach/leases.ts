import type { Clock, HubToWorker, Lease, LeaseId, WorkerToHub } from '@3cx-ninja/protocol'
import { decodeFrame } from '@3cx-ninja/protocol'
import { createLeaseReader, type Hearing, type LeaseReader } from '../follow/leaseReader.ts'
import { causeOf, type Log } from '../log.ts'
import { knowsLanguage } from '../model/manifest.ts'

/** The leases this worker holds on one link; all of them end with it. Rules W2 to W9 of PROTOCOL.md. */
export interface Leases {
  message(message: HubToWorker): void
  binary(frame: Uint8Array): void
  count(): number
  /** Takes nothing new. */
  drain(): void
  /** Gives everything back, so that another worker goes on at once. */
  giveBack(reason: string): void
  /** The link is gone: the hub gives the recordings to somebody, perhaps to us again. */
  drop(): void
}

export interface LeasesNeeds {
  readonly places: number
  readonly languages: readonly string[]
  readonly hearing: Hearing
  readonly clock: Clock
  readonly renewalsPerLease: number
  readonly send: (message: WorkerToHub) => void
  readonly log: Log
  readonly onCount: () => void
  /** The decoders cannot run. */
  readonly onDown: (error: unknown) => void
}

interface Holding {
  readonly lease: Lease
  readonly reader: LeaseReader
  readonly streams: Map<number, number>
  untilMs: number
  cancelRenewal: () => void
}

export function createLeases(needs: LeasesNeeds): Leases {
  const { clock, send, log } = needs
  const holdings = new Map<LeaseId, Holding>()
  let draining = false

  const end = (leaseId: LeaseId) => {
    const holding = holdings.get(leaseId)
    if (!holding) return
    holdings.delete(leaseId)
    holding.cancelRenewal()
    holding.reader.stop()
    needs.onCount()
  }
  const giveBack = (leaseId: LeaseId, reason: string) => {
    const holding = holdings.get(leaseId)
    if (!holding) return
    send({ kind: 'lease-return', leaseId, fence: holding.lease.fence, reason: reason.slice(0, 200) })
    end(leaseId)
  }
  const renew = (holding: Holding) => {
    const { leaseId, fence, ttlMs, recordingId } = holding.lease
    holding.cancelRenewal = clock.after(ttlMs / needs.renewalsPerLease, () => {
      if (clock.monotonicMs() >= holding.untilMs) {
        log.warn({ recordingId, fence }, 'lease.lost')
        return end(leaseId)
      }
      send({ kind: 'lease-renew', leaseId, fence })
      renew(holding)
    })
  }

  const whyNot = ({ language, recordingId }: Lease): string | undefined => {
    if (draining) return 'this worker drains'
    const isHeld = [...holdings.values()].some((held) => held.lease.recordingId === recordingId)
    if (holdings.size >= needs.places && !isHeld) return 'no place is free'
    const { languages } = needs
    if (!knowsLanguage(languages, language))
      return `the model knows ${languages.join(', ')} only, not ${language}`
    return undefined
  }

  const accept = (lease: Lease) => {
    const { leaseId, fence, recordingId } = lease
    const reason = whyNot(lease)
    if (reason !== undefined) return send({ kind: 'lease-decline', leaseId, reason })
    const reader = createLeaseReader({
      lease,
      hearing: needs.hearing,
      onUtterance: (utterance, lagMs) => send({ kind: 'utterance', leaseId, fence, utterance, lagMs }),
      onTaken: (part, position) => send({ kind: 'records-acknowledged', leaseId, part, position }),
      onDone() {
        send({ kind: 'lease-done', leaseId, fence })
        log.info({ recordingId, fence }, 'lease.done')
        end(leaseId)
      },
      onBroken(error) {
        log.error({ recordingId, fence, cause: causeOf(error) }, 'lease.broken')
        giveBack(leaseId, causeOf(error))
        needs.onDown(error)
      },
    })
    const holding: Holding = {
      lease,
      reader,
      streams: new Map(),
      untilMs: clock.monotonicMs() + lease.ttlMs,
      cancelRenewal: () => undefined,
    }
    // A recording that comes back under a newer fence: what still runs under the older one would be dropped [W4].
    for (const [id, held] of holdings) if (held.lease.recordingId === recordingId) end(id)
    holdings.set(leaseId, holding)
    send({ kind: 'lease-accept', leaseId })
    log.info({ recordingId, fence, live: lease.live }, 'lease.taken')
    renew(holding)
    needs.onCount()
  }

  return {
    message(message) {
      const holding = holdings.get('lease' in message ? message.lease.leaseId : message.leaseId)
      switch (message.kind) {
        case 'lease-offer':
          return accept(message.lease)
        case 'lease-renewed':
          if (holding && message.fence === holding.lease.fence)
            holding.untilMs = clock.monotonicMs() + message.ttlMs
          return
        case 'lease-revoked':
          if (holding)
            log.info({ recordingId: holding.lease.recordingId, reason: message.reason }, 'lease.revoked')
          return end(message.leaseId)
        case 'part-follows':
          if (!holding) return
          holding.streams.set(message.stream, message.header.part)
          return holding.reader.partFollows(message.header)
        case 'part-ends':
          if (!holding) return
          for (const [stream, part] of holding.streams)
            if (part === message.part) holding.streams.delete(stream)
          return holding.reader.partEnds(message.part, message.position, message.last)
      }
    },
    binary(frame) {
      const decoded = decodeFrame(frame)
      if (!decoded.ok) return log.error({ fault: decoded.fault }, 'frame.broken')
      for (const { streams, reader } of holdings.values()) {
        const part = streams.get(decoded.stream)
        if (part !== undefined) return reader.records(part, decoded.records)
      }
    },
    count: () => holdings.size,
    drain: () => void (draining = true),
    giveBack(reason) {
      for (const leaseId of [...holdings.keys()]) giveBack(leaseId, reason)
    },
    drop() {
      for (const leaseId of [...holdings.keys()]) end(leaseId)
    },
  }
}
