import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Returns for each of these ids every id that its call has or had, the id itself included. */
export async function callGroups(
  db: Kysely<Tables>,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  if (callIds.length === 0) return new Map()
  const canonicals = await db
    .selectFrom('callAlias')
    .selectAll()
    .where('alias', 'in', [...callIds])
    .execute()
  const canonicalOf = new Map(canonicals.map(({ alias, callId }) => [alias, callId]))
  const roots = callIds.map((id) => canonicalOf.get(id) ?? id)
  const aliases = await db
    .selectFrom('callAlias')
    .selectAll()
    .where('callId', 'in', [...new Set(roots)])
    .execute()
  const members = new Map<string, Set<string>>(roots.map((root) => [root, new Set([root])]))
  for (const { alias, callId } of aliases) members.get(callId)?.add(alias)
  return new Map(callIds.map((id) => [id, new Set(members.get(canonicalOf.get(id) ?? id)).add(id)]))
}
