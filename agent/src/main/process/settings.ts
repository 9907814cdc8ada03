import { Low } from 'lowdb'
import { DataFile } from 'lowdb/node'
import { language, text } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { MAX_LIST, parsePhonePrograms, type WrongEntry } from '../../ipc/phoneProgramList.ts'

const REMEDIES: Readonly<Record<WrongEntry['why'], string>> = {
  path: "write the file's name only, such as 3CXDesktopApp.exe",
  character: 'a name holds none of < > : " | ?, and * at its end only',
  everything: 'that would be every program; name the telephone',
  'too-long': 'at most 120 characters',
  'too-many': 'at most 40 entries',
  title: 'write title: and words with {name} and {number}, each once at most, and one * at most',
}

/** Returns what is wrong with an entry of the list of telephone programs, and what to write instead. */
export const describeWrongEntry = ({ entry, why }: WrongEntry): string => `'${entry}': ${REMEDIES[why]}`

function checkPhonePrograms(list: string, context: z.RefinementCtx): void {
  for (const wrong of parsePhonePrograms(list).wrong)
    context.addIssue({ code: 'custom', message: describeWrongEntry(wrong) })
}

/** The settings of one agent, by a technician or an administrator. */
export const settingsSchema = z.object({
  version: z.literal(1).default(1),
  /** Address of the hub: https://, or http:// on this machine only. */
  hub: z
    .url({ protocol: /^https?$/, error: 'write the whole address, such as https://hub.example.lan:3000' })
    .optional(),
  extension: text(32)
    .regex(/^[\w*#+-]*$/, 'an extension has digits, letters, * # + - _')
    .default(''),
  name: text(120).default(''),
  email: z.union([z.literal(''), z.email()]).default(''),
  /** Language of speech; the hub's by default. */
  language: language.optional(),
  /** Language of texts on the screen. */
  locale: z.enum(['fr', 'en']).default('fr'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Id of the sound device as its source names it; empty: the system's own choice. */
  microphone: text(200).default(''),
  /** The device that plays the caller's voice. */
  loudspeaker: text(200).default(''),
  /** Programs that are the telephone, besides the known clients of 3CX; see ipc/phoneProgramList.ts. */
  phonePrograms: text(MAX_LIST).default('').superRefine(checkPhonePrograms),
  /** Whether the desktop application starts with the system. */
  startWithSystem: z.enum(['yes', 'no']).default('yes'),
})
export type Settings = z.infer<typeof settingsSchema>

/** Where a value comes from. A value from outside the user's file cannot be changed in the window. */
export type SettingOrigin = 'default' | 'user' | 'installer' | 'environment' | 'command-line' | 'policy'

export interface SettingsFile {
  readonly value: Settings
  origin(key: keyof Settings): SettingOrigin
  /** Resolves once the values are stored. Rejects, and changes nothing, when a value is not allowed. */
  change(changes: Partial<Settings>): Promise<void>
}

/** Environment variables that override the file, for machine-wide set-ups. */
export const ENVIRONMENT = {
  hub: 'NINJA_AGENT_HUB',
  extension: 'NINJA_AGENT_EXTENSION',
  name: 'NINJA_AGENT_NAME',
  email: 'NINJA_AGENT_EMAIL',
  language: 'NINJA_AGENT_LANGUAGE',
  locale: 'NINJA_AGENT_LOCALE',
  theme: 'NINJA_AGENT_THEME',
  phonePrograms: 'NINJA_AGENT_PHONE_PROGRAMS',
  startWithSystem: 'NINJA_AGENT_START_WITH_SYSTEM',
} as const satisfies Partial<Record<keyof Settings, string>>

export type GivenValues = Partial<Record<keyof Settings, string>>

/**
 * Opens the settings file, with the environment, the installer's values, the command line and the machine's policy on top of it:
 * the later one wins. Rejects with key, value and what is allowed; never replaces a file that it cannot read.
 */
export async function openSettings(needs: {
  readonly path: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly overrides?: GivenValues
  readonly managed?: { readonly policy: GivenValues; readonly installer: GivenValues }
}): Promise<SettingsFile> {
  // Not lowdb's preset: under NODE_ENV=test that one keeps everything in memory only.
  const file = new Low<unknown>(new DataFile<unknown>(needs.path, { parse: parseJson, stringify }), {})
  await file.read().catch((cause: unknown) => {
    if (!(cause instanceof SyntaxError))
      throw new Error(`${needs.path} cannot be read: check its rights and the disk.`, { cause })
    throw new Error(`${needs.path} is no settings file (JSON): correct it, or remove it to start afresh.`, {
      cause,
    })
  })
  let stored = check(z.partialRecord(z.string(), z.unknown()), file.data, needs.path)
  const given = Object.fromEntries(
    Object.entries(ENVIRONMENT).flatMap(([key, name]) => {
      const value = needs.environment[name]
      return value === undefined || value === '' ? [] : [[key, value]]
    }),
  )
  const layers: readonly { readonly from: SettingOrigin; readonly values: GivenValues }[] = [
    { from: 'policy', values: needs.managed?.policy ?? {} },
    { from: 'command-line', values: needs.overrides ?? {} },
    { from: 'installer', values: needs.managed?.installer ?? {} },
    { from: 'environment', values: given },
  ]
  const fixed = Object.assign({}, ...layers.map(({ values }) => values).reverse()) as GivenValues // assign gives any
  const merge = (own: Readonly<Record<string, unknown>>) =>
    Object.freeze(check(settingsSchema, { ...own, ...fixed }, needs.path))
  let value = merge(stored)
  return {
    get value() {
      return value
    },
    origin(key) {
      const layer = layers.find(({ values }) => key in values)
      if (layer) return layer.from
      return key in stored ? 'user' : 'default'
    },
    async change(changes) {
      const next = { ...stored, ...changes }
      const changed = merge(next)
      file.data = next
      await file.write().catch((cause: unknown) => {
        throw new Error(`${needs.path} cannot be written: check its rights and the disk.`, { cause })
      })
      stored = next
      value = changed
    },
  }
}

/** Returns the same file; `changed` is called after each stored change. */
export function watchSettings(file: SettingsFile, changed: (value: Settings) => void): SettingsFile {
  return {
    get value() {
      return file.value
    },
    origin: (key) => file.origin(key),
    async change(changes) {
      await file.change(changes)
      changed(file.value)
    },
  }
}

/** Parses JSON; the Notepad of Windows begins a file with a byte order mark. */
const parseJson = (text: string): unknown => JSON.parse(text.replace(/^\uFEFF/, ''))
const stringify = (value: unknown) => JSON.stringify(value, null, 2)

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
