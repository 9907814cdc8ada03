import { draftFields, type Draft, type DraftChanges, type DraftFields } from '@3cx-ninja/protocol'

export type FieldName = keyof DraftFields

/** The typed words, and the hub's words that they replaced, field by field. */
export interface Typed {
  readonly changes: DraftChanges
  readonly was: DraftChanges
}

/** Returns the fields where the hub's words differ both from the typed ones and from those that the typed ones replaced. */
export function conflictsOf(typed: Typed, draft: Draft): readonly FieldName[] {
  const differs = (field: FieldName) => !isSame(draft.fields[field], typed.was[field])
  return openFields(typed, draft).filter((field) => differs(leadOf(field, typed.changes)))
}

/** Ids of the helpdesk that belong to a name: an edit of the name carries the id, and the hub finds the id of a name without one. */
const LEADS: Partial<Record<FieldName, FieldName>> = {
  contactId: 'contactName',
  organizationId: 'organizationName',
}
export const leadOf = (field: FieldName, changes: DraftChanges): FieldName => {
  const lead = LEADS[field]
  return lead && changes[lead] !== undefined ? lead : field
}

export function openFields({ changes }: Pick<Typed, 'changes'>, { fields }: Draft): readonly FieldName[] {
  const isOpen = (field: FieldName) => !isSame(fields[field], changes[field])
  return fieldsOf(changes).filter((field) => isOpen(leadOf(field, changes)))
}

export const fieldsOf = (changes: DraftChanges): readonly FieldName[] =>
  draftFields.keyof().options.filter((field) => changes[field] !== undefined)

export const pick = (from: DraftChanges, fields: readonly FieldName[]): DraftChanges =>
  Object.fromEntries(fields.map((field) => [field, from[field]]))
/** Returns whether two values are equal; both come through the same schemas, so their keys stand in the same order. */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Returns the typed words and those that they replaced, for these fields only. */
export const pickBoth = ({ changes, was }: Typed, fields: readonly FieldName[]): Typed => ({
  changes: pick(changes, fields),
  was: pick(was, fields),
})

/** Returns whether the draft is filed or discarded, so that nothing is left to do. */
export const isDecided = ({ state }: Pick<Draft, 'state'>): boolean =>
  state.at === 'filed' || state.at === 'discarded'
