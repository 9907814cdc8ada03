import { parseJson, type Clock } from '@3cx-ninja/protocol'
import type { Helpdesk, HelpdeskStore, TestReport } from '../helpdesk/helpdesk.ts'
import { noHelpdesk } from '../helpdesk/noHelpdesk.ts'
import type { RefreshTokenStore } from './accessToken.ts'
import { createClient, type Client } from './client.ts'
import { openContactDirectory, type ContactStore } from './contactDirectory.ts'
import type { NinjaOneSettings } from './settings.ts'
import { createNinjaOneTickets } from './tickets.ts'

// NinjaOne's adapter of the helpdesk port (helpdesk/helpdesk.ts). Knows no drafts, no outbox and no admin page: those
// know the port. NinjaOne cannot delete a ticket, has no idempotency keys (a write is found again by its marker, a tag)
// and no search by number (contactDirectory.ts keeps all contacts).

const SET_UP = 'Set ninjaone.host, clientId and clientSecret.'

/** Everything that NinjaOne's adapter needs: its settings, the site's country, a durable store, clock and events. */
export interface NinjaOneNeeds {
  readonly settings: NinjaOneSettings
  readonly country: string
  readonly store: HelpdeskStore
  readonly clock: Clock
  readonly onEvent: (event: string, fields: object) => void
}

/** Opens NinjaOne with the account of the settings, or a stand-in that blocks every write while no account is set. */
export async function openNinjaOne(needs: NinjaOneNeeds): Promise<Helpdesk> {
  const { settings, clock, onEvent } = needs
  const { host, clientId, clientSecret, requestsPerSecond } = settings
  if (!host || !clientId || !clientSecret)
    return noHelpdesk({ kind: 'ninjaone', name: 'NinjaOne', setUp: SET_UP })
  const client = createClient({
    account: { host, clientId, clientSecret, requestsPerSecond },
    tokens: tokenStoreOf(needs.store),
    clock,
    onEvent,
  })
  const directory = await openContactDirectory({
    client,
    store: contactStoreOf(needs.store),
    clock,
    country: needs.country,
    onEvent,
  })
  return ninjaOneOf({ ...needs, settings: { ...settings, host }, client, directory })
}

/** Returns the port of an opened client and directory; tests put a client of their own in between. */
export function ninjaOneOf({
  settings,
  client,
  directory,
}: {
  readonly settings: NinjaOneSettings & { readonly host: string }
  readonly client: Client
  readonly directory: Awaited<ReturnType<typeof openContactDirectory>>
}): Helpdesk {
  return {
    kind: 'ninjaone',
    name: 'NinjaOne',
    host: settings.host,
    // NinjaOne documents no limit for a comment's text: a longer transcript is truncated there, and whole in its file.
    capabilities: { commentFiles: true, maxCommentChars: 30_000 },
    organizationForUnknown: settings.organizationId?.toString() ?? null,
    tickets: createNinjaOneTickets({ client, mapping: settings }),
    directory,
    signIn: {
      url: (uri, state) => client.signInUrl(uri, state),
      finish: (code, uri) => client.signIn(code, uri),
    },
    state: async () => ((await client.isSignedIn()) ? 'signed-in' : 'signed-out'),
    setUp: SET_UP,
    test: () => testAccount(client),
    stop: () => directory.stop(),
  }
}

const TEST_STEPS = [
  { step: 'statuses', url: '/v2/ticketing/statuses' },
  { step: 'boards', url: '/v2/ticketing/trigger/boards' },
  { step: 'contacts', url: '/v2/ticketing/contact/contacts' },
  { step: 'organizations', url: '/v2/organizations?pageSize=1' },
]

async function testAccount(client: Client): Promise<TestReport> {
  const steps = []
  for (const { step, url } of TEST_STEPS) {
    const answer = await client.request({ method: 'GET', url })
    const ok = answer.kind === 'answer' && answer.status === 200 && !answer.isHtml
    steps.push({ step, ok, detail: answer.kind === 'answer' ? `answered ${answer.status}` : answer.detail })
  }
  return { ok: steps.every(({ ok }) => ok), steps }
}

const REFRESH_TOKEN = 'refreshToken'
const CONTACTS = 'contacts'

/** Returns the place of the one refresh token in the hub's database. */
export function tokenStoreOf(store: HelpdeskStore): RefreshTokenStore {
  return { read: () => store.read(REFRESH_TOKEN), save: (token) => store.save(REFRESH_TOKEN, token) }
}

function contactStoreOf(store: HelpdeskStore): ContactStore {
  return {
    async read() {
      const text = await store.read(CONTACTS)
      return text === undefined ? undefined : parseJson(text)
    },
    save: (lists) => store.save(CONTACTS, JSON.stringify(lists)),
  }
}
