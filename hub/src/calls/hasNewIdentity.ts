import type { BoardCall } from '@3cx-ninja/protocol'

/** Returns whether the hub or the PBX identified more of a call than its agent did: the agent's own reports raise the revision. Rule C4. */
export function hasNewIdentity(previous: BoardCall | undefined, call: BoardCall): boolean {
  if (previous?.agentId !== call.agentId || previous?.revision !== call.revision) return false
  const identityOf = ({ direction, remoteNumber, remoteName, caller }: BoardCall) =>
    JSON.stringify([direction, remoteNumber, remoteName, caller])
  return identityOf(previous) !== identityOf(call)
}
