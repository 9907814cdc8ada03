import { createSerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { Low } from 'lowdb'
import { z } from 'zod'
import { WITHOUT_EFFECT, readOverrides } from './environment.ts'
import { leaves, put, settingFields } from './fields.ts'
import { withLive } from './liveSettings.ts'
import { parseSettings } from './parseSettings.ts'
import type { HubSettings } from './schema.ts'
import { settingsFile } from './settingsFile.ts'

export type SettingSource = 'default' | 'file' | `environment ${string}`

export interface SettingsView {
  /** Parsed and frozen: defaults, then the file, then the environment. In a store: as of the start, plus saved changes that take effect at once. */
  readonly current: HubSettings
  /** Source of each setting that is not a default. */
  readonly sources: ReadonlyMap<string, SettingSource>
  /** Keys in the file that this version does not know: they are kept, and a start warns of them. */
  readonly unknownKeys: readonly string[]
}

export interface SettingsStore extends SettingsView {
  /** Variables of older generations that are set and have no effect, each with the reason. */
  readonly withoutEffect: readonly { readonly name: string; readonly why: string }[]
  /** Resolves with the settings as the next start will read them. Rejects with a SettingsError where the file was broken by hand. */
  next(): Promise<SettingsView>
  /**
   * Checks and saves changes to the file, with every change made in it by hand meanwhile; `null` restores the
   * default. Rejects with a SettingsError, also where the next start would refuse, and with the system's error when the
   * file cannot be written: then nothing is changed. Settings that agents receive take effect at once, every other one at
   * the next start.
   */
  save(changes: unknown): Promise<void>
  /** Calls the listener after a save that takes effect at once: `current` is a new object then. */
  onLive(listener: () => void): () => void
}

/** Resolves with the settings of `hub-settings.json` (created on the first save) and the environment. Rejects with a SettingsError. */
export async function readSettings(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SettingsStore> {
  const adapter = settingsFile(file)
  const read = async () => (await adapter.read()) ?? {}
  const first = await read()
  const db = new Low<Record<string, unknown>>(adapter, first)
  const started = viewOf(first, file, environment)
  const listeners = new Set<() => void>()
  let { current } = started
  const saves = createSerialQueue()
  const save = async (changes: unknown) => {
    const before = await read()
    const next = mergeChanges(structuredClone(before), changes)
    parseSettings(next, () => file)
    const saved = viewOf(next, file, environment)
    db.data = next
    await db.write()
    const live = withLive(current, saved.current)
    if (live === current) return
    current = live
    for (const listener of listeners) listener()
  }
  return {
    ...started,
    get current() {
      return current
    },
    withoutEffect: Object.entries(WITHOUT_EFFECT)
      .filter(([name]) => environment[name])
      .map(([name, why]) => ({ name, why })),
    async next() {
      await saves.idle()
      return viewOf(await read(), file, environment)
    },
    save: (changes) => saves.run(() => save(changes)),
    onLive(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function viewOf(
  inFile: Record<string, unknown>,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): SettingsView {
  const sources = new Map<string, SettingSource>()
  for (const key of leaves(inFile)) sources.set(key, 'file')
  const merged = structuredClone(inFile)
  for (const { key, name, value } of readOverrides(environment)) {
    put(merged, key, value)
    sources.set(key, `environment ${name}`)
  }
  const sourceOf = (key: string) => {
    const source = sources.get(key)
    return source?.startsWith('environment') ? source : file
  }
  const keys = settingFields().map(({ key }) => key)
  return {
    current: parseSettings(merged, sourceOf),
    sources,
    unknownKeys: leaves(inFile).filter(
      (key) => !keys.some((one) => key === one || key.startsWith(`${one}.`)),
    ),
  }
}

const isGroup = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Merges groups, replaces values and removes what is `null`; skips names that have a meaning in JavaScript itself. */
function mergeChanges(target: Record<string, unknown>, changes: unknown): Record<string, unknown> {
  for (const [name, value] of Object.entries(z.record(z.string(), z.unknown()).parse(changes))) {
    if (['__proto__', 'constructor', 'prototype'].includes(name)) continue
    const old = Object.hasOwn(target, name) ? target[name] : undefined
    if (value === null) Reflect.deleteProperty(target, name)
    else if (isGroup(value))
      target[name] = mergeChanges(isGroup(old) ? (old as Record<string, unknown>) : {}, value)
    else target[name] = value
  }
  return target
}
