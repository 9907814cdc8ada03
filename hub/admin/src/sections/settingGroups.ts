import type { SettingView } from '../../../src/http/admin/messages.ts'
import { HELPDESK_GROUPS } from '../helpdesks/texts.ts'

export interface SettingGroup {
  readonly name: string
  readonly fields: readonly SettingView[]
}

/** Consent comes first: nothing is recorded before it. Groups that this page does not know come last, under the hub's names. */
const ORDER = [
  'recording.consent',
  'recording.optOut',
  'tickets',
  'helpdesk',
  ...HELPDESK_GROUPS,
  'threecx',
  'threecx.callControl',
  'calls',
  'analysis',
  'wallboard',
  'retention',
  'quotas',
  'hub',
  'listen',
  'tls',
  'folders',
  'dispatch',
]

/** The confirmation comes last in its group: it confirms the fields above it. */
const late = ({ key }: SettingView) => (key === 'recording.consent.confirmed' ? 1 : 0)

/** Returns the groups of the form in reading order. Pure. */
export function settingGroups(fields: readonly SettingView[]): readonly SettingGroup[] {
  const groups = new Map<string, SettingView[]>()
  for (const field of fields) {
    const name = field.key.includes('.') ? field.key.slice(0, field.key.lastIndexOf('.')) : 'calls'
    groups.set(name, [...(groups.get(name) ?? []), field])
  }
  const position = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return [...groups]
    .map(([name, inside]) => ({ name, fields: inside.sort((a, b) => late(a) - late(b)) }))
    .sort((a, b) => position(a.name) - position(b.name))
}

/** Returns changes by key in the hub's shape: `{ 'tickets.undoSeconds': 3 }` → `{ tickets: { undoSeconds: 3 } }`. Pure. */
export function nest(changes: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const nested: Record<string, unknown> = {}
  for (const [key, value] of changes) {
    const names = key.split('.')
    const last = names.pop() ?? key
    let inner = nested
    for (const name of names) inner = (inner[name] ??= {}) as Record<string, unknown> // created by this loop, from keys that are no groups
    inner[last] = value
  }
  return nested
}
