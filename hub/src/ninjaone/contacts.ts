import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'
import { z } from 'zod'
import { MINUTE_MS, type CallerIdentity, type Clock } from '@3cx-ninja/protocol'
import type { Session } from './session.ts'

const person = z
  .object({
    uid: z.string(),
    firstName: z.string().nullish(),
    lastName: z.string().nullish(),
    displayName: z.string().nullish(),
    phone: z.string().nullish(),
    clientId: z.int().nullish(),
    organizationId: z.int().nullish(),
  })
  .loose()
const organization = z.object({ id: z.int(), name: z.string() }).loose()
const kept = z.object({ people: z.array(person), organizations: z.array(organization) })
type Kept = z.infer<typeof kept>

export interface ContactStore {
  read(): Promise<unknown>
  save(kept: Kept): Promise<void>
}

export interface Contacts {
  /** undefined: no number, or nothing was ever loaded. */
  identify(number: string | undefined): CallerIdentity | undefined
  refresh(): Promise<void>
  stop(): void
}

const REFRESH_MS = 5 * MINUTE_MS
const ORGANIZATIONS_PAGE = 1_000

/** Who calls: NinjaOne has no search by number, so all contacts are kept here, by number in E.164; also while NinjaOne is away. */
export async function openContacts(needs: {
  readonly session: Session
  readonly store: ContactStore
  readonly clock: Clock
  readonly country: string
  readonly onEvent: (event: string, fields: object) => void
}): Promise<Contacts> {
  const { session, store, clock } = needs
  const country = needs.country as CountryCode // the settings allow two capital letters; an unknown country normalises nothing
  let index = new Map<string, CallerIdentity>()
  let loaded = false
  let cancel: () => void = () => undefined
  let stopped = false

  const take = ({ people, organizations }: Kept) => {
    const names = new Map(organizations.map(({ id, name }) => [id, name]))
    index = new Map()
    loaded = true
    for (const one of people) {
      const number = toE164(one.phone ?? undefined, country)
      if (!number) continue
      const organizationId = one.clientId ?? one.organizationId ?? undefined
      const found = identityOf(
        one,
        organizationId,
        organizationId === undefined ? undefined : names.get(organizationId),
      )
      const known = index.get(number)
      index.set(number, known && known.contactUid !== found.contactUid ? shared(known, found) : found)
    }
  }

  const fetchAll = async <Value>(
    url: string,
    schema: z.ZodType<Value>,
  ): Promise<readonly Value[] | undefined> => {
    const answer = await session.request({ method: 'GET', url })
    if (answer.is !== 'answer' || answer.status !== 200 || answer.isHtml) return undefined
    const parsed = z.array(z.unknown()).safeParse(JSON.parse(answer.text))
    return parsed.success ? parsed.data.flatMap((value) => schema.safeParse(value).data ?? []) : undefined
  }

  const refresh = async () => {
    const contacts = await fetchAll('/v2/ticketing/contact/contacts', person)
    const endUsers = await fetchAll('/v2/user/end-users', person)
    const organizations = await fetchAll(`/v2/organizations?pageSize=${ORGANIZATIONS_PAGE}`, organization)
    if (!contacts || !organizations) return needs.onEvent('contacts.not-loaded', { keeps: index.size })
    const next = { people: [...contacts, ...(endUsers ?? [])], organizations: [...organizations] }
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
      const e164 = toE164(number, country)
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

/** '+33240112233' for any usual way to write it; undefined for what is no number. */
export function toE164(number: string | undefined, country: CountryCode): string | undefined {
  if (!number) return undefined
  return parsePhoneNumberFromString(number.replace(/^00/, '+'), country)?.number
}

function identityOf(
  one: z.infer<typeof person>,
  organizationId: number | undefined,
  organizationName: string | undefined,
): CallerIdentity {
  const contactName = one.displayName ?? [one.firstName, one.lastName].filter(Boolean).join(' ')
  return {
    match: 'one',
    contactUid: one.uid,
    ...(contactName ? { contactName } : {}),
    ...(organizationId === undefined ? {} : { organizationId }),
    ...(organizationName === undefined ? {} : { organizationName }),
  }
}

/** A number of several people: the person is unknown, the organisation known if they share it. */
function shared(a: CallerIdentity, b: CallerIdentity): CallerIdentity {
  const same = a.organizationId !== undefined && a.organizationId === b.organizationId
  return {
    match: 'ambiguous',
    ...(same && a.organizationId !== undefined ? { organizationId: a.organizationId } : {}),
    ...(same && a.organizationName !== undefined ? { organizationName: a.organizationName } : {}),
  }
}
