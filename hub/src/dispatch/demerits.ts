import type { WorkerId } from '@3cx-ninja/protocol'
import type { LeaseEnd } from './leaseMachine.ts'

/** A worker that lost calls lately by its own doing. */
export interface FailingWorker {
  readonly workerId: WorkerId
  readonly name: string
  /** How it lost the latest one. */
  readonly how: LeaseEnd
  /** 1 or more; falls with time. */
  readonly level: number
}

/**
 * What workers did to their calls lately. A worker with demerits is asked last, and is never shut out: where no other worker
 * has a slot, it gets calls as before. Demerits halve with time, and outlive the worker's link.
 */
export interface Demerits {
  /** Notes how a lease of this worker ended. Ends that are not the worker's doing change nothing. */
  leaseEnded(worker: { readonly workerId: WorkerId; readonly name: string }, how: LeaseEnd): void
  /** Returns 0 for a worker that did nothing wrong lately. */
  levelOf(workerId: WorkerId): number
  /** Returns the workers of level 1 or more, the worst first. */
  list(): readonly FailingWorker[]
}

interface Entry {
  readonly name: string
  readonly how: LeaseEnd
  readonly points: number
  readonly atMs: number
}

/** More than so many are not counted: after eight half-lives every worker is as good as another. */
const MAX_POINTS = 64

/** Creates an empty list; demerits halve every `halfLifeMs`. */
export function createDemerits(needs: {
  readonly nowMs: () => number
  readonly halfLifeMs: number
}): Demerits {
  const entries = new Map<WorkerId, Entry>()
  const pointsOf = (workerId: WorkerId): number => {
    const entry = entries.get(workerId)
    return entry ? entry.points * 0.5 ** ((needs.nowMs() - entry.atMs) / needs.halfLifeMs) : 0
  }
  const levelOf = (workerId: WorkerId) => Math.round(pointsOf(workerId))
  return {
    leaseEnded({ workerId, name }, how) {
      if (!isOwnDoing(how)) return
      const points = Math.min(MAX_POINTS, pointsOf(workerId) + 1)
      entries.set(workerId, { name, how, points, atMs: needs.nowMs() })
    },
    levelOf,
    list() {
      for (const workerId of entries.keys()) if (levelOf(workerId) === 0) entries.delete(workerId)
      return [...entries]
        .map(([workerId, { name, how }]) => ({ workerId, name, how, level: levelOf(workerId) }))
        .sort((a, b) => b.level - a.level)
    },
  }
}

function isOwnDoing(how: LeaseEnd): boolean {
  switch (how) {
    case 'unanswered':
    case 'expired':
    case 'stuck':
    case 'returned':
    case 'unfinished':
    case 'gone':
      return true
    case 'done':
    case 'declined':
    case 'erased':
    case 'broken':
    case 'quiet':
    case 'ended-early':
    case 'superseded':
      return false
  }
}
