import { z } from 'zod'
import { hubSettings } from './schema.ts'

export interface SettingField {
  readonly key: string
  readonly schema: z.ZodType
  readonly description: string
}

/** Returns every setting with its schema and description, in the order of the schema. */
export function settingFields(): readonly SettingField[] {
  return walk(hubSettings, '')
}

function walk(schema: z.ZodType, prefix: string): readonly SettingField[] {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject))
    return [{ key: prefix, schema, description: schema.description ?? inner.description ?? '' }]
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, field]) =>
    walk(field, prefix ? `${prefix}.${name}` : name),
  )
}

/** Returns the schema inside default, prefault and optional. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType)
  return schema
}

/** Returns the keys of all values in a tree, as 'group.name'. */
export function leaves(value: unknown, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return prefix ? [prefix] : []
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, prefix ? `${prefix}.${name}` : name))
}

/** Returns the value at 'group.name', or undefined. */
export function at(value: unknown, key: string): unknown {
  let inner = value
  for (const name of key.split('.'))
    inner = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined
  return inner
}

/** Writes the value at 'group.name' into a tree that the caller owns. */
export function put(target: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split('.')
  const last = names.pop() ?? key
  let inner = target
  for (const name of names) {
    const next = inner[name]
    inner = (typeof next === 'object' && next !== null ? next : (inner[name] = {})) as Record<string, unknown>
  }
  inner[last] = value
}
