import type { Clock } from '@3cx-ninja/protocol'
import type { TicketSystem } from '../tickets/outbox/ports.ts'
import { openContacts, type Contacts, type ContactStore } from './contacts.ts'
import { createClient, type NinjaOneAccount, type RefreshTokenStore, type Client } from './client.ts'
import { createTicketSystem, type TicketMapping } from './ticketSystem.ts'

export interface NinjaOne {
  readonly client: Client
  readonly system: TicketSystem
  readonly contacts: Contacts
  /** Asks for real: which of the things that filing needs are there. */
  check(): Promise<{
    readonly ok: boolean
    readonly steps: readonly { readonly what: string; readonly ok: boolean; readonly detail: string }[]
  }>
  stop(): void
}

/** Everything of one NinjaOne account. */
export async function openNinjaOne(needs: {
  readonly account: NinjaOneAccount
  readonly mapping: TicketMapping
  readonly country: string
  readonly tokens: RefreshTokenStore
  readonly contactStore: ContactStore
  readonly clock: Clock
  readonly onEvent: (event: string, fields: object) => void
}): Promise<NinjaOne> {
  const { clock, onEvent } = needs
  const client = createClient({ account: needs.account, tokens: needs.tokens, clock, onEvent })
  const contacts = await openContacts({
    client,
    store: needs.contactStore,
    clock,
    country: needs.country,
    onEvent,
  })
  const steps = [
    { what: 'statuses', url: '/v2/ticketing/statuses' },
    { what: 'boards', url: '/v2/ticketing/trigger/boards' },
    { what: 'contacts', url: '/v2/ticketing/contact/contacts' },
    { what: 'organizations', url: '/v2/organizations?pageSize=1' },
  ]
  return {
    client,
    system: createTicketSystem({ client, mapping: needs.mapping }),
    contacts,
    async check() {
      const results = []
      for (const { what, url } of steps) {
        const answer = await client.request({ method: 'GET', url })
        const ok = answer.is === 'answer' && answer.status === 200 && !answer.isHtml
        results.push({
          what,
          ok,
          detail: answer.is === 'answer' ? `answered ${answer.status}` : answer.detail,
        })
      }
      return { ok: results.every(({ ok }) => ok), steps: results }
    },
    stop: () => contacts.stop(),
  }
}
