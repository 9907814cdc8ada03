import { Low } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import { language, text } from '@3cx-ninja/protocol'
import { z } from 'zod'

/** What a technician or an administrator sets for one agent. */
export const settingsSchema = z.object({
  version: z.literal(1).default(1),
  /** Address of the hub: https://, or http:// on this machine only. */
  hub: z.url({ protocol: /^https?$/ }).optional(),
  extension: text(32)
    .regex(/^[\w*#+-]*$/, 'an extension has digits, letters, * # + - _')
    .default(''),
  name: text(120).default(''),
  email: z.union([z.literal(''), z.email()]).default(''),
  /** Language of speech; without it the hub's. */
  language: language.optional(),
  /** Language of texts on the screen. */
  locale: z.enum(['fr', 'en']).default('fr'),
})
export type Settings = z.infer<typeof settingsSchema>

export interface SettingsFile {
  readonly value: Settings
  change(changes: Partial<Settings>): Promise<void>
}

/** Environment names that override the file, for machine-wide set-ups. */
const ENVIRONMENT = {
  hub: 'NINJA_AGENT_HUB',
  extension: 'NINJA_AGENT_EXTENSION',
  name: 'NINJA_AGENT_NAME',
  email: 'NINJA_AGENT_EMAIL',
  language: 'NINJA_AGENT_LANGUAGE',
  locale: 'NINJA_AGENT_LOCALE',
} as const satisfies Partial<Record<keyof Settings, string>>

/**
 * The settings file, with the environment and then the command line on top. Rejects with key, value and what is allowed;
 * never replaces a file that it cannot read.
 */
export async function openSettings(needs: {
  readonly path: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly overrides?: Partial<Record<keyof Settings, string>>
}): Promise<SettingsFile> {
  // Not lowdb's preset: under NODE_ENV=test that one keeps everything in memory only.
  const file = new Low<unknown>(new JSONFile<unknown>(needs.path), {})
  await file.read().catch((cause: unknown) => {
    throw new Error(`${needs.path} is no settings file (JSON): correct it, or remove it to start afresh.`, {
      cause,
    })
  })
  const stored = check(z.partialRecord(z.string(), z.unknown()), file.data, needs.path)
  const given = Object.fromEntries(
    Object.entries(ENVIRONMENT).flatMap(([key, name]) => {
      const value = needs.environment[name]
      return value === undefined || value === '' ? [] : [[key, value]]
    }),
  )
  const merge = () =>
    Object.freeze(check(settingsSchema, { ...stored, ...given, ...needs.overrides }, needs.path))
  let value = merge()
  return {
    get value() {
      return value
    },
    async change(changes) {
      Object.assign(stored, changes)
      value = merge()
      file.data = stored
      await file.write()
    },
  }
}

function check<Value>(schema: z.ZodType<Value>, value: unknown, where: string): Value {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues
    .map(({ path, message }) => `${path.join('.') || 'file'} = ${shorten(read(value, path))}: ${message}`)
    .join('; ')
  throw new Error(`Wrong setting (${where}, environment or command line): ${wrong}.`)
}

function read(value: unknown, path: readonly PropertyKey[]): unknown {
  const key = path[0]
  return typeof value === 'object' && value !== null && typeof key === 'string' && key in value
    ? Reflect.get(value, key)
    : value
}

const shorten = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60))
