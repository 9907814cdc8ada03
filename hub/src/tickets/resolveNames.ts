import { withoutUndefined, type DraftChanges, type DraftFields } from '@3cx-ninja/protocol'
import type { Directory, Organization } from '../helpdesk/helpdesk.ts'
import type { DraftRecord } from './draftRecord.ts'

// A technician types a name, and the window sends it without an id. Only an exact and unique name gets one here; every
// other typed name goes into the ticket's text (writes.ts). A contact is searched in the ticket's organization, as a
// helpdesk refuses a requester of another one; while the organization is unknown, it follows from a unique contact.

export interface NameContext {
  readonly directory: Pick<Directory, 'contacts' | 'organizations'>
  readonly organizationForUnknown: string | null
}

/** Returns the changes with the ids of typed names that the helpdesk has exactly once, whatever their case and accents. Pure. */
export function resolveNames(
  changes: DraftChanges,
  record: DraftRecord,
  { directory, organizationForUnknown }: NameContext,
): Partial<DraftFields> {
  const next: Partial<DraftFields> = withoutUndefined(changes)
  const { fields } = record.draft
  if (changes.organizationName && changes.organizationId === null) {
    const organization = onlyOne(directory.organizations(), changes.organizationName)
    if (organization) next.organizationId = organization.id
  }
  const contactName = typedContact(next, record)
  if (!contactName) return next
  const organizationId = next.organizationId === undefined ? fields.organizationId : next.organizationId
  const isUnknown = organizationId === null || organizationId === organizationForUnknown
  const candidates = isUnknown
    ? directory.contacts()
    : directory.contacts().filter((one) => one.organizationId === organizationId)
  const contact = onlyOne(candidates, contactName)
  if (!contact) return next
  next.contactId = contact.id
  const organization = directory.organizations().find(({ id }) => id === contact.organizationId)
  if (isUnknown && organization && !(next.organizationName ?? record.edited.organizationName))
    return { ...next, organizationId: organization.id, organizationName: organization.name }
  return next
}

/** The contact's name of this edit, or one typed earlier that another organization may make unique. */
function typedContact(changes: DraftChanges, { draft, edited }: DraftRecord): string | null | undefined {
  if (changes.contactName !== undefined) return changes.contactId === null ? changes.contactName : undefined
  return changes.organizationId && draft.fields.contactId === null ? edited.contactName : undefined
}

/** The same id may be listed twice: contacts and end users are two lists in NinjaOne. */
function onlyOne<One extends Organization>(all: readonly One[], name: string): One | undefined {
  const wanted = folded(name)
  const found = new Map(all.filter((one) => folded(one.name) === wanted).map((one) => [one.id, one]))
  return found.size === 1 ? [...found.values()][0] : undefined
}

function folded(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/gu, ' ').trim().toLowerCase()
}
