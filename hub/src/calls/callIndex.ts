import { boardCall, isSettled, type AgentId, type BoardCall, type CallId } from '@3cx-ninja/protocol'

/**
 * The calls of the board by each attribute that a fact names, so that a fact costs the same however many calls there are. Holds
 * calls only; which of them belong together is decided in joinCall.ts and joinLive.ts.
 */
export interface CallIndex {
  readonly calls: ReadonlyMap<CallId, BoardCall>
  /** Returns the call of this canonical id or alias. */
  find(id: string): BoardCall | undefined
  /** Adds the call, or puts it in place of its older state. */
  put(call: BoardCall): void
  remove(callId: CallId): void
  /** Makes the id another one of the call's. */
  addAlias(alias: string, callId: CallId): void
  hasAlias(alias: string): boolean
  /** Returns whether the id is the call's own or one of its aliases. */
  isOf(id: string, callId: CallId): boolean
  /** Returns the id by which the call's agent knows the call; the canonical one where no agent reported it by another. */
  agentsIdOf(callId: CallId): CallId
  /** Forgets the aliases of calls that are no longer there. */
  forgetAliases(): void
  /** Returns the calls of this extension that no agent has reported. */
  unclaimedOf(extension: string): readonly BoardCall[]
  ofExtension(extension: string): readonly BoardCall[]
  /** Returns the calls that the PBX reported under this name of a conversation; it gives the name again to later ones. */
  ofConversation(conversation: string): readonly BoardCall[]
  /** Returns the agent's calls that are neither done nor missed. */
  unsettledOf(agentId: AgentId): readonly BoardCall[]
  countOf(agentId: AgentId): number
}

/** An alias that the PBX uses is no id of ours. */
const isCallId = boardCall.shape.callId

/** Creates an empty index. */
export function createCallIndex(): CallIndex {
  const calls = new Map<CallId, BoardCall>()
  const aliases = new Map<string, CallId>()
  const agentsIds = new Map<CallId, CallId>()
  const byExtension = createGroups<string>()
  const unclaimed = createGroups<string>()
  const byConversation = createGroups<string>()
  const byAgent = createGroups<AgentId>()
  const unsettled = createGroups<AgentId>()

  const leave = ({ callId, extension, conversation, agentId }: BoardCall) => {
    if (conversation !== undefined) byConversation.remove(conversation, callId)
    byExtension.remove(extension, callId)
    unclaimed.remove(extension, callId)
    if (agentId === undefined) return
    byAgent.remove(agentId, callId)
    unsettled.remove(agentId, callId)
  }
  const ofGroup = (ids: ReadonlySet<CallId> | undefined) =>
    [...(ids ?? [])].flatMap((callId) => calls.get(callId) ?? [])
  return {
    calls,
    find: (id) => calls.get(aliases.get(id) ?? (id as CallId)), // a map answers undefined for any foreign word
    put(call) {
      const previous = calls.get(call.callId)
      const { callId, extension, conversation, agentId } = call
      const isElsewhere = previous?.extension !== extension || previous.conversation !== conversation
      if (previous && (isElsewhere || previous.agentId !== agentId)) leave(previous)
      calls.set(callId, call)
      byExtension.add(extension, callId)
      if (conversation !== undefined) byConversation.add(conversation, callId)
      if (agentId === undefined) return unclaimed.add(extension, callId)
      byAgent.add(agentId, callId)
      if (isSettled(call)) unsettled.remove(agentId, callId)
      else unsettled.add(agentId, callId)
    },
    remove(callId) {
      const call = calls.get(callId)
      if (call) leave(call)
      calls.delete(callId)
    },
    addAlias(alias, callId) {
      aliases.set(alias, callId)
      if (!agentsIds.has(callId) && isCallId.safeParse(alias).success) agentsIds.set(callId, alias as CallId) // just parsed
    },
    hasAlias: (alias) => aliases.has(alias),
    isOf: (id, callId) => id === callId || aliases.get(id) === callId,
    agentsIdOf: (callId) => agentsIds.get(callId) ?? callId,
    forgetAliases() {
      for (const [alias, callId] of aliases) if (!calls.has(callId)) aliases.delete(alias)
      for (const callId of agentsIds.keys()) if (!calls.has(callId)) agentsIds.delete(callId)
    },
    unclaimedOf: (extension) => ofGroup(unclaimed.get(extension)),
    ofConversation: (conversation) => ofGroup(byConversation.get(conversation)),
    ofExtension: (extension) => ofGroup(byExtension.get(extension)),
    unsettledOf: (agentId) => ofGroup(unsettled.get(agentId)),
    countOf: (agentId) => byAgent.get(agentId)?.size ?? 0,
  }
}

function createGroups<Key>() {
  const groups = new Map<Key, Set<CallId>>()
  return {
    get: (key: Key): ReadonlySet<CallId> | undefined => groups.get(key),
    add(key: Key, callId: CallId) {
      groups.set(key, (groups.get(key) ?? new Set()).add(callId))
    },
    remove(key: Key, callId: CallId) {
      const group = groups.get(key)
      if (group?.delete(callId) && group.size === 0) groups.delete(key)
    },
  }
}
