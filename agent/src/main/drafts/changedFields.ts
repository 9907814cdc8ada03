import { draftFields, type Draft, type DraftChanges, type DraftFields } from '@3cx-ninja/protocol'

export type FieldName = keyof DraftFields

/** What was typed, and the hub's words that it was typed over, field by field. */
export interface Typed {
  readonly changes: DraftChanges
  readonly was: DraftChanges
}

/** Fields where the hub has other words than those that were typed over, and than those typed. */
export function conflictsOf(typed: Typed, draft: Draft): readonly FieldName[] {
  const differs = (field: FieldName) => !isSame(draft.fields[field], typed.was[field])
  return openFields(typed, draft).filter((field) => differs(leadOf(field, typed.changes)))
}

// zod's partial() allows undefined for a field that is left out
export function withoutUndefined(changes: DraftChanges): Partial<DraftFields> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

/** Numbers of NinjaOne that stand behind a name: they go with it, and the hub finds them when only the name is told. */
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
/** Both come through the same schemas, so their keys stand in the same order. */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
