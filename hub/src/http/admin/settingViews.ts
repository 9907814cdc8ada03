import { z } from 'zod'
import { at, leaves, settingFields, unwrap } from '../../settings/fields.ts'
import type { SettingsView } from '../../settings/readSettings.ts'
import { SECRET_SETTINGS, hubSettings } from '../../settings/schema.ts'
import type { SettingShape, SettingView } from './messages.ts'

/** z.int() is bounded by what a number can hold: nothing to tell anybody. */
const bound = (value: number | undefined) =>
  value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value

/** Every setting as a form shows it. `current`: in effect; `next`: as the next start reads it. */
export function settingViews(current: SettingsView['current'], next: SettingsView): readonly SettingView[] {
  const defaults = hubSettings.parse({})
  return settingFields()
    .filter(({ key }) => key !== 'version')
    .map(({ key, schema, description }): SettingView => {
      const secret = SECRET_SETTINGS.includes(key)
      const value = at(next.current, key)
      const source = next.sources.get(key) ?? (isInFile(key, next) ? 'file' : 'default')
      const variable = source.startsWith('environment ') ? source.slice('environment '.length) : null
      return {
        key,
        shape: shapeOf(schema),
        optional: schema instanceof z.ZodOptional,
        secret,
        description,
        defaultValue: at(defaults, key) ?? null,
        value: secret ? value !== undefined : (value ?? null),
        source: variable === null ? (source === 'file' ? 'file' : 'default') : 'environment',
        variable,
        restartPending: JSON.stringify(value) !== JSON.stringify(at(current, key)),
      }
    })
}

/** Returns the keys of settings whose saved value is not in effect before the next start. */
export function restartPendingKeys(current: SettingsView['current'], next: SettingsView): readonly string[] {
  return settingViews(current, next)
    .filter(({ restartPending }) => restartPending)
    .map(({ key }) => key)
}

/** Returns the environment variable that overrides each key of these changes, where one does. */
export function overridden(
  changes: unknown,
  { sources }: SettingsView,
): readonly (readonly [string, string])[] {
  const named = [...leaves(changes), ...nulls(changes)]
  return settingFields().flatMap(({ key }) => {
    const source = sources.get(key)
    return source?.startsWith('environment ') && named.includes(key)
      ? [[key, source.slice('environment '.length)] as const]
      : []
  })
}

/** `leaves` names values; going back to the default is a null, which it names, too, but not as a whole group. */
function nulls(value: unknown, prefix = ''): readonly string[] {
  if (value === null) return settingFields().flatMap(({ key }) => (key.startsWith(`${prefix}.`) ? [key] : []))
  if (typeof value !== 'object' || Array.isArray(value)) return []
  return Object.entries(value as Record<string, unknown>).flatMap(([name, inner]) =>
    nulls(inner, prefix ? `${prefix}.${name}` : name),
  )
}

function isInFile(key: string, { sources }: SettingsView): boolean {
  return [...sources].some(([one, source]) => source === 'file' && one.startsWith(`${key}.`))
}

const jsonSchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  maxItems: z.number().optional(),
  items: z.looseObject({ type: z.string().optional() }).optional(),
})

function shapeOf(schema: z.ZodType): SettingShape {
  const named = jsonSchema.safeParse(z.toJSONSchema(unwrap(schema)))
  if (!named.success) return { kind: 'other' }
  const { type, minimum, maximum, maxLength, maxItems, items } = named.data
  if (named.data.enum) return { kind: 'choice', options: named.data.enum }
  if (type === 'boolean') return { kind: 'flag' }
  if (type === 'integer' || type === 'number')
    return { kind: 'number', min: bound(minimum), max: bound(maximum) }
  if (type === 'string') return { kind: 'text', maxLength: maxLength ?? null }
  if (type === 'array' && items?.type === 'string') return { kind: 'list', maxItems: maxItems ?? null }
  return { kind: 'other' }
}
