import type { CloseName } from '@3cx-ninja/protocol'
import type { Access } from '../access/access.ts'

/** The links that each client has open, from the upgrade on. */
export interface ClientLinks {
  /**
   * Holds the link until the returned function is called; a client revoked meanwhile is cut at once. One whose former enrollment
   * is revoked has to connect again, and then has nothing of that one any more.
   */
  add(
    id: string,
    link: { close(name: CloseName): void },
    address: string,
    formerIds?: readonly string[],
  ): () => void
}

/** Creates the links by client, and closes those of a client that is revoked. Rule L7. */
export function createClientLinks(
  access: Pick<Access, 'onRevoked' | 'wasRevoked' | 'linkOpened'>,
): ClientLinks {
  const openLinks = new Map<string, Set<{ close(name: CloseName): void }>>()
  const formerLinks = new Set<{ readonly ids: readonly string[]; close(): void }>()
  access.onRevoked((id) => {
    for (const link of [...(openLinks.get(id) ?? [])]) link.close('badToken')
    for (const former of [...formerLinks]) if (former.ids.includes(id)) former.close()
  })
  return {
    add(id, link, address, formerIds = []) {
      if (access.wasRevoked(id)) {
        link.close('badToken')
        return () => undefined
      }
      const links = openLinks.get(id) ?? new Set()
      openLinks.set(id, links.add(link))
      const linkClosed = access.linkOpened(id, address)
      const former = { ids: formerIds, close: () => link.close('goingAway') }
      if (formerIds.length > 0) formerLinks.add(former)
      if (formerIds.some((one) => access.wasRevoked(one))) former.close()
      return () => {
        linkClosed()
        formerLinks.delete(former)
        if (links.delete(link) && links.size === 0) openLinks.delete(id)
      }
    },
  }
}
