import type { BoardCall } from '@3cx-ninja/protocol'

/** Whether somebody else than its agent made more of a call known: the agent's own reports raise the revision. Rule C4. */
export function hasNewIdentity(before: BoardCall | undefined, call: BoardCall): boolean {
  if (before?.agentId !== call.agentId || before?.revision !== call.revision) return false
  const known = ({ direction, remoteNumber, remoteName, caller }: BoardCall) =>
    JSON.stringify([direction, remoteNumber, remoteName, caller])
  return known(before) !== known(call)
}
