import type { AgentId, DraftId } from '@3cx-ninja/protocol'
import type { DraftRecord } from './draftRecord.ts'

/** How much of the hub's memory the drafts of one agent take. */
export interface DraftUsage {
  readonly drafts: number
  /** The length of their texts. */
  readonly characters: number
}

/**
 * The cached drafts by agent and state, so that the work for one agent never grows with the drafts of others, nor the work
 * for a call with all drafts of its agent. Knows no records: draftCache.ts has them.
 */
export interface DraftIndex {
  /** Adds the draft, or puts it in place of its older state. */
  put(record: DraftRecord): void
  remove(draftId: DraftId): void
  /** Returns the drafts of this agent, the first one added first. */
  of(agentId: AgentId): Iterable<DraftId>
  /** Returns those of them that a technician is to decide now: proposed, in their countdown, or on hold. */
  attendedOf(agentId: AgentId): Iterable<DraftId>
  usageOf(agentId: AgentId): DraftUsage
  usage(): Iterable<readonly [AgentId, DraftUsage]>
  /** Returns how many drafts were offered and are neither filed nor discarded. */
  waiting(): number
}

interface Entry {
  readonly agentId: AgentId | null
  readonly characters: number
  readonly isWaiting: boolean
}

interface Group {
  readonly all: Set<DraftId>
  readonly attended: Set<DraftId>
  characters: number
}

const NOTHING: DraftUsage = { drafts: 0, characters: 0 }

/** Creates an empty index. */
export function createDraftIndex(): DraftIndex {
  const entries = new Map<DraftId, Entry>()
  const groups = new Map<AgentId, Group>()
  let waiting = 0

  const remove = (draftId: DraftId) => {
    const entry = entries.get(draftId)
    if (!entry) return
    entries.delete(draftId)
    if (entry.isWaiting) waiting -= 1
    const group = entry.agentId === null ? undefined : groups.get(entry.agentId)
    if (!group || entry.agentId === null) return
    group.characters -= entry.characters
    group.attended.delete(draftId)
    group.all.delete(draftId)
    if (group.all.size === 0) groups.delete(entry.agentId)
  }
  const usageOf = (group: Group | undefined): DraftUsage =>
    group ? { drafts: group.all.size, characters: group.characters } : NOTHING
  return {
    put(record) {
      const { draftId } = record.draft
      const { agentId } = record
      const previous = entries.get(draftId)
      if (previous && previous.agentId !== agentId) remove(draftId)
      const known = entries.get(draftId)
      const entry = { agentId, characters: charactersOf(record), isWaiting: isWaiting(record) }
      entries.set(draftId, entry)
      waiting += Number(entry.isWaiting) - Number(known?.isWaiting ?? false)
      if (agentId === null) return
      const group = groups.get(agentId) ?? { all: new Set(), attended: new Set(), characters: 0 }
      groups.set(agentId, group)
      group.all.add(draftId)
      group.characters += entry.characters - (known?.characters ?? 0)
      if (isAttended(record)) group.attended.add(draftId)
      else group.attended.delete(draftId)
    },
    remove,
    of: (agentId) => groups.get(agentId)?.all ?? [],
    attendedOf: (agentId) => groups.get(agentId)?.attended ?? [],
    usageOf: (agentId) => usageOf(groups.get(agentId)),
    *usage() {
      for (const [agentId, group] of groups) yield [agentId, usageOf(group)]
    },
    waiting: () => waiting,
  }
}

const isAttended = ({ lifecycle: { state } }: DraftRecord) =>
  state.at === 'proposed' || state.at === 'countdown' || state.at === 'held'

const isWaiting = ({ lifecycle: { state } }: DraftRecord) =>
  state.at !== 'filed' && state.at !== 'discarded' && state.at !== 'collecting'

function charactersOf({ draft: { fields } }: DraftRecord): number {
  const actions = fields.actions.reduce((sum, { text }) => sum + text.length, 0)
  return fields.description.length + fields.title.length + actions
}
