import { numbersIn } from '@3cx-ninja/phone-numbers/findNumbers.ts'
import { publicNumber } from '@3cx-ninja/phone-numbers/parseNumber.ts'
import type { CallerIdentity, Clock } from '@3cx-ninja/protocol'
import type { Contact, Directory, Organization } from '../helpdesk/helpdesk.ts'
import type { Client } from './client.ts'
import { contactLists, fetchContactLists, type ContactLists, type Person } from './contactLists.ts'
import { DIRECTORY_REFRESH_MS } from './tuning.ts'

/** Keeps the last lists for the time while NinjaOne is away. `save` must be durable when it resolves. */
export interface ContactStore {
  read(): Promise<unknown>
  save(lists: ContactLists): Promise<void>
}

/** The directory port with its timer; `stop` ends the periodic refresh. */
export interface ContactDirectory extends Directory {
  stop(): void
}

/** Everything that the directory needs: client, store, clock, country and events. */
export interface ContactDirectoryNeeds {
  readonly client: Client
  readonly store: ContactStore
  readonly clock: Clock
  /** Country of numbers without an international prefix: two capital letters. */
  readonly country: string
  readonly onEvent: (event: string, fields: object) => void
}

interface DirectoryState {
  readonly needs: ContactDirectoryNeeds
  byNumber: ReadonlyMap<string, CallerIdentity>
  contacts: readonly Contact[]
  organizations: readonly Organization[]
  isLoaded: boolean
  isStopped: boolean
  cancelRefresh: () => void
}

/** The protocol's limit of a name. */
const MAX_NAME = 320

/**
 * Opens the contacts of NinjaOne, which has no search by number: all of them are kept here, by number in E.164, and in
 * the database for the time while NinjaOne is away. Loads them again every few minutes until `stop`.
 */
export async function openContactDirectory(needs: ContactDirectoryNeeds): Promise<ContactDirectory> {
  const state: DirectoryState = {
    needs,
    byNumber: new Map(),
    contacts: [],
    organizations: [],
    isLoaded: false,
    isStopped: false,
    cancelRefresh: () => undefined,
  }
  const stored = contactLists.safeParse(await needs.store.read())
  if (stored.success) apply(state, stored.data)
  scheduleRefresh(state)
  return {
    identify(number) {
      const e164 = publicNumber(number, needs.country)
      if (!e164 || !state.isLoaded) return undefined
      return state.byNumber.get(e164) ?? { match: 'none' }
    },
    contacts: () => state.contacts,
    organizations: () => state.organizations,
    refresh: () => refresh(state),
    stop() {
      state.isStopped = true
      state.cancelRefresh()
    },
  }
}

async function refresh(state: DirectoryState): Promise<void> {
  const { client, store, onEvent } = state.needs
  const lists = await fetchContactLists(client)
  if (!lists) return onEvent('contacts.not-loaded', { keeps: state.byNumber.size })
  apply(state, lists)
  await store.save(lists)
  onEvent('contacts.loaded', { people: lists.people.length, numbers: state.byNumber.size })
}

function scheduleRefresh(state: DirectoryState): void {
  if (state.isStopped) return
  state.cancelRefresh = state.needs.clock.after(DIRECTORY_REFRESH_MS, () => {
    refresh(state)
      .catch((error: unknown) => state.needs.onEvent('contacts.failed', { error: String(error) }))
      .finally(() => scheduleRefresh(state))
  })
}

function apply(state: DirectoryState, { people, organizations }: ContactLists): void {
  const names = new Map(organizations.map(({ id, name }) => [id, name]))
  const byNumber = new Map<string, CallerIdentity>()
  for (const one of people) {
    const found = identityOf(one, names)
    for (const number of numbersIn(one.phone ?? '', state.needs.country)) {
      const other = byNumber.get(number)
      byNumber.set(number, other && other.contactId !== found.contactId ? shared(other, found) : found)
    }
  }
  state.byNumber = byNumber
  state.organizations = organizations.map(({ id, name }) => ({
    id: String(id),
    name: name.slice(0, MAX_NAME),
  }))
  state.contacts = people.map((one) => ({
    id: one.uid,
    name: nameOf(one),
    organizationId: organizationOf(one)?.toString(),
  }))
  state.isLoaded = true
}

const nameOf = (one: Person): string =>
  (one.displayName?.trim() || [one.firstName, one.lastName].filter(Boolean).join(' ')).slice(0, MAX_NAME)
const organizationOf = (one: Person): number | undefined => one.clientId ?? one.organizationId ?? undefined

function identityOf(one: Person, organizationNames: ReadonlyMap<number, string>): CallerIdentity {
  const organizationId = organizationOf(one)
  const organizationName = organizationId === undefined ? undefined : organizationNames.get(organizationId)
  const contactName = nameOf(one)
  return {
    match: 'one',
    contactId: one.uid,
    ...(contactName ? { contactName } : {}),
    ...(organizationId === undefined ? {} : { organizationId: String(organizationId) }),
    ...(organizationName === undefined ? {} : { organizationName: organizationName.slice(0, MAX_NAME) }),
  }
}

/** Returns what is known of a number of several people: no person, and the organization only if they share it. */
function shared(a: CallerIdentity, b: CallerIdentity): CallerIdentity {
  const same = a.organizationId !== undefined && a.organizationId === b.organizationId
  return {
    match: 'ambiguous',
    ...(same && a.organizationId !== undefined ? { organizationId: a.organizationId } : {}),
    ...(same && a.organizationName !== undefined ? { organizationName: a.organizationName } : {}),
  }
}
