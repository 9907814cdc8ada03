import { DAY_MS, type AgentId, type Clock, type RecordingId } from '@3cx-ninja/protocol'
import type { RecordingState } from './recordingState.ts'

/** How much of the hub's disk one agent may take. */
export interface QuotaLimits {
  /** Recordings whose seal has not come. */
  readonly recordings: number
  /** Parts of those recordings. */
  readonly parts: number
  /** Bytes of sound within a day (UTC). */
  readonly bytesPerDay: number
}

/** What a quota counts. */
export type QuotaKind = keyof QuotaLimits

/** How much of one quota an agent has used; `share`: 1 is all of it. */
export interface QuotaUse {
  readonly agentId: AgentId
  readonly kind: QuotaKind
  readonly used: number
  readonly limit: number
  readonly share: number
}

/** The quotas of all agents, counted as recordings come, end and go. */
export interface Quotas {
  /** Counts a recording as it stands now; undefined: it was removed. */
  changed(recordingId: RecordingId, state: RecordingState | undefined): void
  /** Returns the quota that a new part of this recording would exceed. */
  againstPart(agentId: AgentId, recordingId: RecordingId): QuotaUse | undefined
  /** Returns the quota of the day that is used up. */
  againstBytes(agentId: AgentId): QuotaUse | undefined
  /** Counts bytes of sound that were accepted. */
  stored(agentId: AgentId, bytes: number): void
  /** Returns what is used up to four fifths and more, the fullest first. */
  crowded(): readonly QuotaUse[]
}

const KINDS: readonly QuotaKind[] = ['recordings', 'parts', 'bytesPerDay']
/** An administrator learns of it before anything is refused. */
const CROWDED = 0.8
/** A part costs files and flushes, however little sound is in it. */
export const PART_BYTES = 65_536

interface Usage {
  readonly unsealed: Map<RecordingId, number>
  parts: number
  day: number
  bytes: number
}

/** Creates the quotas; `changed` must be called once for each stored recording. The bytes of a day begin at zero with each start. */
export function createQuotas(needs: {
  readonly clock: Clock
  readonly limits: () => QuotaLimits
  /** Called when a use comes to four fifths of its limit. */
  readonly onCrowded: (use: QuotaUse) => void
}): Quotas {
  const usages = new Map<AgentId, Usage>()
  const owners = new Map<RecordingId, AgentId>()
  const today = () => Math.floor(needs.clock.nowMs() / DAY_MS)
  const usageOf = (agentId: AgentId): Usage => {
    const usage = usages.get(agentId) ?? { unsealed: new Map(), parts: 0, day: today(), bytes: 0 }
    usages.set(agentId, usage)
    if (usage.day !== today()) Object.assign(usage, { day: today(), bytes: 0 })
    return usage
  }
  const useOf = (agentId: AgentId, kind: QuotaKind): QuotaUse => {
    const { unsealed, parts, bytes } = usageOf(agentId)
    const used = { recordings: unsealed.size, parts, bytesPerDay: bytes }[kind]
    const limit = needs.limits()[kind]
    return { agentId, kind, used, limit, share: used / limit }
  }
  const noted = new Set<string>()
  const note = (agentId: AgentId) => {
    for (const kind of KINDS) {
      const [use, key] = [useOf(agentId, kind), `${agentId} ${kind}`]
      if (use.share < CROWDED) noted.delete(key)
      else if (!noted.has(key)) {
        noted.add(key)
        needs.onCrowded(use)
      }
    }
  }
  const ifFull = (use: QuotaUse) => (use.used >= use.limit ? use : undefined)
  return {
    changed(recordingId, state) {
      const agentId = state?.agentId ?? owners.get(recordingId)
      if (agentId === undefined) return
      const usage = usageOf(agentId)
      usage.parts -= usage.unsealed.get(recordingId) ?? 0
      usage.unsealed.delete(recordingId)
      owners.delete(recordingId)
      if (!state || state.sealed) return
      owners.set(recordingId, agentId)
      usage.unsealed.set(recordingId, state.parts.length)
      usage.parts += state.parts.length
      note(agentId)
    },
    againstPart(agentId, recordingId) {
      const isNew = !usageOf(agentId).unsealed.has(recordingId)
      return (isNew ? ifFull(useOf(agentId, 'recordings')) : undefined) ?? ifFull(useOf(agentId, 'parts'))
    },
    againstBytes: (agentId) => ifFull(useOf(agentId, 'bytesPerDay')),
    stored(agentId, bytes) {
      usageOf(agentId).bytes += bytes
      note(agentId)
    },
    crowded() {
      return [...usages.keys()]
        .flatMap((agentId) => KINDS.map((kind) => useOf(agentId, kind)))
        .filter(({ share }) => share >= CROWDED)
        .sort((one, other) => other.share - one.share)
    },
  }
}
