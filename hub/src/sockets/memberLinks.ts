import type { CloseName } from '@3cx-ninja/protocol'
import type { Access } from '../access/access.ts'

export interface MemberLinks {
  /** Holds the link until the returned function is called; a member revoked meanwhile is cut at once. */
  hold(id: string, link: { close(name: CloseName): void }): () => void
}

/** Which links each member has open, from the upgrade on, so that revoking ends them. Rule L7. */
export function createMemberLinks(access: Pick<Access, 'onRevoked' | 'wasRevoked' | 'arrived'>): MemberLinks {
  const held = new Map<string, Set<{ close(name: CloseName): void }>>()
  access.onRevoked((id) => {
    for (const link of [...(held.get(id) ?? [])]) link.close('badToken')
  })
  return {
    hold(id, link) {
      if (access.wasRevoked(id)) {
        link.close('badToken')
        return () => undefined
      }
      const links = held.get(id) ?? new Set()
      held.set(id, links.add(link))
      const leave = access.arrived(id)
      return () => {
        leave()
        if (links.delete(link) && links.size === 0) held.delete(id)
      }
    },
  }
}
