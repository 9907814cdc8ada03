import type { Clock } from '@3cx-ninja/protocol'

/**
 * `behind`: it sends faster than its turn allows, and is read only that fast. `flood`: its link was closed `tooMany`. `links`: so was
 * one more link than a client of ours opens, as when its token was copied.
 */
export type BusyHow = 'behind' | 'flood' | 'links'

/** A client that sends more than its share. */
export interface BusyClient {
  readonly clientId: string
  readonly role: 'agent' | 'worker' | 'wallboard'
  readonly name: string
  readonly how: BusyHow
}

/** The clients that sent more than their share lately, for `/health`. */
export interface BusyClients {
  note(client: BusyClient): void
  /** Returns them, the latest first. */
  list(): readonly BusyClient[]
}

/** Creates an empty list, which remembers each client for `rememberMs`. `onNew`: called for a client that was not on it. */
export function createBusyClients(needs: {
  readonly clock: Clock
  readonly rememberMs: number
  readonly onNew: (client: BusyClient) => void
}): BusyClients {
  const noted = new Map<string, BusyClient & { readonly atMs: number }>()
  const forgetOld = () => {
    const nowMs = needs.clock.monotonicMs()
    for (const [clientId, { atMs }] of noted) if (nowMs - atMs >= needs.rememberMs) noted.delete(clientId)
  }
  return {
    note(client) {
      forgetOld()
      const known = noted.get(client.clientId)
      noted.delete(client.clientId) // the latest stands last
      noted.set(client.clientId, { ...client, atMs: needs.clock.monotonicMs() })
      if (known?.how !== client.how) needs.onNew(client)
    },
    list() {
      forgetOld()
      return [...noted.values()].reverse().map(({ atMs: _, ...client }) => client)
    },
  }
}
