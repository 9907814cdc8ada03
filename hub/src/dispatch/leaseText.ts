import type { Utterance } from '@3cx-ninja/protocol'
import type { HeldLease } from './heldLeases.ts'
import type { DispatcherNeeds } from './ports.ts'

/** What the holder of a lease says, stored in the order in which it was said. */
export interface LeaseText {
  /** Runs `act` after all earlier ones of the lease; not at all once one of them failed. */
  inTurn(lease: HeldLease, act: () => Promise<unknown>): void
  /** Relays a partial, stores a final. Throws when the final cannot be stored. */
  accept(lease: HeldLease, utterance: Utterance, lagMs: number): Promise<void>
  /** Waits for what is being stored. */
  settled(): Promise<unknown>
}

export interface LeaseTextNeeds extends Pick<
  DispatcherNeeds,
  'recordings' | 'transcripts' | 'onLag' | 'onEvent'
> {
  /** A final of this lease could not be stored. */
  readonly onFailed: (lease: HeldLease) => void
  /** Something of this lease is stored. */
  readonly onStored: (lease: HeldLease) => void
}

export function createLeaseText(needs: LeaseTextNeeds): LeaseText {
  const { recordings, transcripts } = needs
  const tell = needs.onEvent ?? (() => undefined)
  const inFlight = new Set<Promise<unknown>>()
  return {
    // After a final that could not be stored no later one is, and lease-done does not count: the next lease goes on
    // behind the last final that is stored, so nothing between is skipped.
    inTurn(lease, act) {
      const { recordingId } = lease
      const turn = lease.turn.then(async () => {
        if (lease.failed) return
        try {
          await act()
        } catch (error) {
          lease.failed = true
          tell('transcript.failed', { recordingId, error: String(error) })
          needs.onFailed(lease)
        }
      })
      lease.turn = turn
      inFlight.add(turn)
      void turn.then(() => inFlight.delete(turn))
    },
    async accept(lease, utterance, lagMs) {
      const { recordingId, callId, fence } = lease
      const parts = recordings.state(recordingId)?.parts
      const part = parts?.find(({ header }) => header.part === utterance.part)
      if (!part || utterance.recordingId !== recordingId)
        return tell('transcript.dropped', { recordingId, fence, outcome: 'foreign' })
      if (utterance.state === 'partial' && lease.state.at === 'over') return
      const { startedAtMs: partStartedAtMs } = part.header
      const outcome = await transcripts.accept({ utterance, callId, fence, partStartedAtMs })
      if (outcome === 'stored') {
        needs.onStored(lease)
        needs.onLag?.(lagMs)
      } else if (outcome !== 'relayed') tell('transcript.dropped', { recordingId, fence, outcome })
    },
    settled: () => Promise.allSettled([...inFlight]),
  }
}
