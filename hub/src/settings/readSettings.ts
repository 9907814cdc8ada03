import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import { z } from 'zod'
import { ENVIRONMENT, SECRET_SETTINGS, hubSettings, type HubSettings } from './schema.ts'

export type SettingSource = 'default' | 'file' | `environment ${string}`

export interface SettingsStore {
  /** Parsed and frozen: defaults, then the file, then the environment. */
  readonly current: HubSettings
  /** Where each overridden setting comes from; what is missing here is a default. */
  readonly sources: ReadonlyMap<string, SettingSource>
  /** Keys in the file that this version does not know: kept, and worth a warning. */
  readonly unknownKeys: readonly string[]
  /** Checks and saves changes to the file; rejects with a SettingsError. Effective at the next start, unless said otherwise. */
  save(changes: unknown): Promise<void>
}

/** A setting is wrong: the message names key, value (not for secrets) and what is allowed. */
export class SettingsError extends Error {}

/** Reads `hub-settings.json` (created on the first save) and the environment. Throws SettingsError. */
export async function readSettings(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SettingsStore> {
  const inFile = await readJson(file)
  const sources = new Map<string, SettingSource>()
  for (const key of leaves(inFile)) sources.set(key, 'file')
  const merged = structuredClone(inFile)
  for (const [key, names] of Object.entries(ENVIRONMENT)) {
    const name = names.find((candidate) => environment[candidate])
    const text = name === undefined ? undefined : environment[name]
    if (name === undefined || text === undefined) continue
    put(merged, key, typeof at(DEFAULTS, key) === 'number' ? Number(text) : text)
    sources.set(key, `environment ${name}`)
  }
  const current = parse(merged, file, sources)
  const known = new Set(settingKeys())
  const db = new Low<Record<string, unknown>>(new JSONFile(file), inFile)
  return {
    current,
    sources,
    unknownKeys: leaves(inFile).filter(
      (key) => ![...known].some((one) => key === one || key.startsWith(`${one}.`)),
    ),
    async save(changes) {
      const next = deepMerge(structuredClone(db.data), changes)
      parse(next, file, new Map())
      db.data = next
      await db.write()
    },
  }
}

const DEFAULTS: unknown = hubSettings.parse({})

/** Every setting's key, in the order of the schema. */
export function settingKeys(): readonly string[] {
  return walk(hubSettings, '').map(({ key }) => key)
}

export interface SettingField {
  readonly key: string
  readonly schema: z.ZodType
  readonly description: string
}

/** Every setting with its schema and description, for the generated table and the admin page. */
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

/** The schema inside default, prefault and optional. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType)
  return schema
}

function parse(value: unknown, file: string, sources: ReadonlyMap<string, SettingSource>): HubSettings {
  const parsed = hubSettings.safeParse(value)
  if (parsed.success) {
    const problem = contradiction(parsed.data)
    if (problem) throw new SettingsError(problem)
    return Object.freeze(parsed.data)
  }
  const lines = parsed.error.issues.map((issue) => {
    const key = issue.path.join('.')
    const wrong = at(value, key)
    const shown = SECRET_SETTINGS.includes(key) ? 'a value that is not shown' : JSON.stringify(wrong)
    const source = sources.get(key)
    return `Setting ${key} is ${shown}${source?.startsWith('environment') ? ` (from ${source})` : ` (in ${file})`}: ${issue.message}.`
  })
  throw new SettingsError(lines.join('\n'))
}

function contradiction({ tls, listen, folders }: HubSettings): string | undefined {
  const data = path.resolve(folders.data)
  const secrets = path.resolve(folders.secrets)
  if (secrets === data || secrets.startsWith(`${data}${path.sep}`)) {
    return `Setting folders.secrets (${folders.secrets}) lies inside folders.data (${folders.data}): whoever copies the data would copy its key; choose a folder beside it.`
  }
  const loopback = ['127.0.0.1', '::1', 'localhost'].includes(listen.host)
  if (tls.mode === 'off' && !loopback && !tls.behindProxy) {
    return `Setting tls.mode is "off" while listen.host is "${listen.host}": calls would cross the network in clear; use own-ca, or listen on 127.0.0.1, or name your proxy in tls.behindProxy.`
  }
  if (tls.mode === 'files' && !(tls.keyFile && tls.certFile))
    return 'Setting tls.mode is "files": tls.keyFile and tls.certFile must be named.'
  return undefined
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch (cause) {
    throw new SettingsError(
      `${file} is not a JSON object: correct it, or delete it to start from the defaults.`,
      { cause },
    )
  }
}

function leaves(value: unknown, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return prefix ? [prefix] : []
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, prefix ? `${prefix}.${name}` : name))
}

function at(value: unknown, key: string): unknown {
  let inner = value
  for (const name of key.split('.'))
    inner = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined
  return inner
}

function put(target: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split('.')
  const last = names.pop() ?? key
  let inner = target
  for (const name of names) {
    const next = inner[name]
    inner = (typeof next === 'object' && next !== null ? next : (inner[name] = {})) as Record<string, unknown>
  }
  inner[last] = value
}

function deepMerge(target: Record<string, unknown>, changes: unknown): Record<string, unknown> {
  for (const [name, value] of Object.entries(z.record(z.string(), z.unknown()).parse(changes))) {
    const old = target[name]
    const both = [old, value].every((one) => typeof one === 'object' && one !== null && !Array.isArray(one))
    target[name] = both ? deepMerge(old as Record<string, unknown>, value) : value
  }
  return target
}
