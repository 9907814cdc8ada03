import { parseJson } from '@3cx-ninja/protocol'
import { z } from 'zod'
import type { Client } from './client.ts'

// The lists that the directory is made of, as NinjaOne gives them. Knows no telephone numbers and no cache.

const person = z.object({
  uid: z.string().min(1).max(64),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  displayName: z.string().nullish(),
  phone: z.string().nullish(),
  clientId: z.int().nullish(),
  organizationId: z.int().nullish(),
})
export type Person = z.infer<typeof person>
const organization = z.object({ id: z.int(), name: z.string() })
type OrganizationRow = z.infer<typeof organization>
/** The lists as stored in the hub's database; a broken store counts as empty. */
export const contactLists = z.object({ people: z.array(person), organizations: z.array(organization) })
export type ContactLists = z.infer<typeof contactLists>

const ORGANIZATIONS_PAGE = 1_000
const MAX_ORGANIZATION_PAGES = 100

/** Resolves with all contacts, end users and organizations; undefined when NinjaOne gives no contacts or organizations now. Never rejects. */
export async function fetchContactLists(client: Client): Promise<ContactLists | undefined> {
  const contacts = await fetchList(client, '/v2/ticketing/contact/contacts', person)
  const endUsers = await fetchList(client, '/v2/user/end-users', person) // not on every instance
  const organizations = await fetchOrganizations(client)
  if (!contacts || !organizations) return undefined
  return { people: [...contacts.values, ...(endUsers?.values ?? [])], organizations }
}

/** `received`: entries of the answer, with those that cannot be read. undefined: no list now, or not on this instance. */
async function fetchList<Value>(
  client: Client,
  url: string,
  schema: z.ZodType<Value>,
  params?: object,
): Promise<{ readonly values: readonly Value[]; readonly received: number } | undefined> {
  const answer = await client.request({ method: 'GET', url, ...(params ? { params } : {}) })
  if (answer.kind !== 'answer' || answer.status !== 200) return undefined
  const parsed = z.array(z.unknown()).safeParse(parseJson(answer.text))
  if (!parsed.success) return undefined
  return {
    values: parsed.data.flatMap((value) => schema.safeParse(value).data ?? []),
    received: parsed.data.length,
  }
}

async function fetchOrganizations(client: Client): Promise<OrganizationRow[] | undefined> {
  const all: OrganizationRow[] = []
  for (let page = 0; page < MAX_ORGANIZATION_PAGES; page++) {
    const after = all.at(-1)?.id
    const params = { pageSize: ORGANIZATIONS_PAGE, ...(after === undefined ? {} : { after }) }
    const some = await fetchList(client, '/v2/organizations', organization, params)
    if (!some) return undefined
    all.push(...some.values)
    if (some.received < ORGANIZATIONS_PAGE || some.values.length === 0) break
  }
  return all
}
