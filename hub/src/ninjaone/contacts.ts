import { numbersIn } from '@3cx-ninja/phone-numbers/findNumbers.ts'
import { publicNumber } from '@3cx-ninja/phone-numbers/parseNumber.ts'
import { z } from 'zod'
import { MINUTE_MS, type CallerIdentity, type Clock } from '@3cx-ninja/protocol'
import { jsonOf } from './answers.ts'
import type { Client } from './client.ts'

const person = z.object({
  uid: z.string().min(1).max(64),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  displayName: z.string().nullish(),
  phone: z.string().nullish(),
  clientId: z.int().nullish(),
  organizationId: z.int().nullish(),
})
type Person = z.infer<typeof person>
const organization = z.object({ id: z.int(), name: z.string() })
const kept = z.object({ people: z.array(person), organizations: z.array(organization) })
type Kept = z.infer<typeof kept>

export interface ContactStore {
  read(): Promise<unknown>
  save(kept: Kept): Promise<void>
}

export interface Contacts {
  /** undefined: no number, or nothing was ever loaded. */
  identify(number: string | undefined): CallerIdentity | undefined
  /** Loads all contacts anew; keeps those it has when NinjaOne does not give them. Rejects only when they cannot be stored. */
  refresh(): Promise<void>
  stop(): void
}

const REFRESH_MS = 5 * MINUTE_MS
const ORGANIZATIONS_PAGE = 1_000
const MAX_ORGANIZATION_PAGES = 100
/** The protocol's limit of a name. */
const MAX_NAME = 320

/** Who calls: NinjaOne has no search by number, so all contacts are kept here, by number in E.164; also while NinjaOne is away. */
export async function openContacts(needs: {
  readonly client: Client
  readonly store: ContactStore
  readonly clock: Clock
  readonly country: string
  readonly onEvent: (event: string, fields: object) => void
}): Promise<Contacts> {
  const { client, store, clock, country } = needs
  let index = new Map<string, CallerIdentity>()
  let loaded = false
  let cancel: () => void = () => undefined
  let stopped = false

  const take = ({ people, organizations }: Kept) => {
    const names = new Map(organizations.map(({ id, name }) => [id, name]))
    const next = new Map<string, CallerIdentity>()
    for (const one of people) {
      const found = identityOf(one, names)
      for (const number of numbersIn(one.phone ?? '', country)) {
        const known = next.get(number)
        next.set(number, known && known.contactId !== found.contactId ? shared(known, found) : found)
      }
    }
    index = next
    loaded = true
  }

  /** `told`: with those that cannot be read. undefined: NinjaOne does not give the list now, or not on this instance. */
  const fetchAll = async <Value>(
    url: string,
    schema: z.ZodType<Value>,
    params?: object,
  ): Promise<{ readonly values: readonly Value[]; readonly told: number } | undefined> => {
    const answer = await client.request({ method: 'GET', url, ...(params ? { params } : {}) })
    if (answer.is !== 'answer' || answer.status !== 200) return undefined
    const parsed = z.array(z.unknown()).safeParse(jsonOf(answer.text))
    if (!parsed.success) return undefined
    return {
      values: parsed.data.flatMap((value) => schema.safeParse(value).data ?? []),
      told: parsed.data.length,
    }
  }
  const fetchOrganizations = async (): Promise<z.infer<typeof organization>[] | undefined> => {
    const all: z.infer<typeof organization>[] = []
    for (let page = 0; page < MAX_ORGANIZATION_PAGES; page++) {
      const after = all.at(-1)?.id
      const params = { pageSize: ORGANIZATIONS_PAGE, ...(after === undefined ? {} : { after }) }
      const some = await fetchAll('/v2/organizations', organization, params)
      if (!some) return undefined
      all.push(...some.values)
      if (some.told < ORGANIZATIONS_PAGE || some.values.length === 0) break
    }
    return all
  }

  const refresh = async () => {
    const contacts = await fetchAll('/v2/ticketing/contact/contacts', person)
    const endUsers = await fetchAll('/v2/user/end-users', person)
    const organizations = await fetchOrganizations()
    if (!contacts || !organizations) return needs.onEvent('contacts.not-loaded', { keeps: index.size })
    const next = { people: [...contacts.values, ...(endUsers?.values ?? [])], organizations }
    take(next)
    await store.save(next)
    needs.onEvent('contacts.loaded', { people: next.people.length, numbers: index.size })
  }
  const again = () => {
    if (stopped) return
    cancel = clock.after(REFRESH_MS, () => {
      refresh()
        .catch((error: unknown) => needs.onEvent('contacts.failed', { error: String(error) }))
        .finally(again)
    })
  }

  const before = kept.safeParse(await store.read())
  if (before.success) take(before.data)
  again()
  return {
    identify(number) {
      const e164 = publicNumber(number, country)
      if (!e164 || !loaded) return undefined
      return index.get(e164) ?? { match: 'none' }
    },
    refresh,
    stop() {
      stopped = true
      cancel()
    },
  }
}

function identityOf(one: Person, organizationNames: ReadonlyMap<number, string>): CallerIdentity {
  const organizationId = one.clientId ?? one.organizationId ?? undefined
  const organizationName = organizationId === undefined ? undefined : organizationNames.get(organizationId)
  const contactName = one.displayName?.trim() || [one.firstName, one.lastName].filter(Boolean).join(' ')
  return {
    match: 'one',
    contactId: one.uid,
    ...(contactName ? { contactName: contactName.slice(0, MAX_NAME) } : {}),
    ...(organizationId === undefined ? {} : { organizationId: String(organizationId) }),
    ...(organizationName === undefined ? {} : { organizationName: organizationName.slice(0, MAX_NAME) }),
  }
}

/** A number of several people: the person is unknown, the organization known if they share it. */
function shared(a: CallerIdentity, b: CallerIdentity): CallerIdentity {
  const same = a.organizationId !== undefined && a.organizationId === b.organizationId
  return {
    match: 'ambiguous',
    ...(same && a.organizationId !== undefined ? { organizationId: a.organizationId } : {}),
    ...(same && a.organizationName !== undefined ? { organizationName: a.organizationName } : {}),
  }
}
