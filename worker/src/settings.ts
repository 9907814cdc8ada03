import { availableParallelism, hostname } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { assertPrivate } from '@3cx-ninja/node-kit/connectSocket.ts'
import { z } from 'zod'
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import { StartupError } from './startupError.ts'

const root = path.resolve(import.meta.dirname, '../..')
const exe = process.platform === 'win32' ? 'whisper-server.exe' : 'whisper-server'
/** The model that comes with the repository; it understands synthetic voices only. */
export const DEMONSTRATION_MODEL = path.join(root, 'resources', 'models', 'demo-fr-q5.bin')
const whole = z.coerce.number().int().min(0)

/** What an administrator sets for one worker: on the command line, or in the environment as NINJA_WORKER_<NAME>. */
export const settingsSchema = z.object({
  hub: z
    .url({ protocol: /^https?$/, error: 'write the whole address, such as https://hub.example.lan:3000' })
    .describe('address of the hub: https://, or http:// on this machine only'),
  'enrollment-key': z
    .string()
    .default('')
    .describe('from the admin page (role worker); needed the first time only'),
  data: z.string().min(1).default('data/worker').describe('folder for the identity of this worker'),
  name: z.string().min(1).max(120).default(hostname()).describe('name of this worker on the admin page'),
  engine: z
    .enum(['whisper-server', 'openai', 'command'])
    .default('whisper-server')
    .describe('which program understands speech'),
  binary: z
    .string()
    .default(path.join(root, 'build', 'whisper', 'bin', exe))
    .describe('whisper-server to start'),
  'engine-args': z.string().default('').describe('further arguments of whisper-server, separated by spaces'),
  model: z.string().default(DEMONSTRATION_MODEL).describe('model file (ggml)'),
  threads: whole.min(1).max(64).default(2).describe('threads of one decoder; 1 with a GPU'),
  decoders: whole.max(64).default(0).describe('decoder processes; 0: one per two processor cores'),
  slots: whole.max(1_000).default(0).describe('calls at once; 0: from the speed of the self-test'),
  'engine-url': z.string().default('').describe('engine openai: address up to /v1'),
  'engine-model': z.string().default('').describe('engine openai: name of the model'),
  'engine-key': z.string().default('').describe('engine openai: key, better in the environment'),
  'engine-command': z
    .string()
    .default('')
    .describe('engine command: program that prints the text of {input} (WAV) in {language}'),
  'drain-seconds': whole.max(3_600).default(30).describe('how long a stopping worker waits for its calls'),
})
export type Settings = z.infer<typeof settingsSchema>

const names = Object.keys(settingsSchema.shape)
const variable = (name: string) => `NINJA_WORKER_${name.toUpperCase().replaceAll('-', '_')}`

export const HELP = `npm run worker -- --hub https://hub:3000 --enrollment-key KEY [options]

${Object.entries(settingsSchema.shape)
  .map(([name, schema]) => `  --${name.padEnd(15)} ${schema.description ?? ''}`)
  .join('\n')}
  --help            this text

Each can be given in the environment instead: --hub as ${variable('hub')}, and so on.`

/**
 * Returns the settings: command line over environment over defaults; undefined when the command line asks for help. Throws
 * StartupError with the name, the value and what is allowed.
 */
export function readSettings(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Settings | undefined {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { help, ...given } = parse(argv, { ...options, help: { type: 'boolean' } })
  if (help) return undefined
  const fromEnvironment = Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[variable(name)]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const settings = check({ ...fromEnvironment, ...given })
  const decoders = settings.decoders || Math.max(1, Math.floor(availableParallelism() / 2))
  return { ...settings, decoders }
}

function parse(argv: readonly string[], options: Record<string, { type: 'string' | 'boolean' }>) {
  try {
    return parseArgs({ args: [...argv], options, strict: true }).values
  } catch (cause) {
    throw new StartupError(`${cause instanceof Error ? cause.message : String(cause)}. See --help.`)
  }
}

/** Settings whose values are never shown, not even when they are wrong. */
const SECRETS = ['enrollment-key', 'engine-key']

function check(given: Readonly<Record<string, string | boolean | undefined>>): Settings {
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path: [key], message }) => {
      const name = String(key)
      const value =
        given[name] === undefined ? 'missing' : SECRETS.includes(name) ? '…' : `'${String(given[name])}'`
      return `--${name} (${variable(name)}) is ${value}: ${message}`
    })
    throw new StartupError(`Wrong setting: ${wrong.join('; ')}. See --help.`)
  }
  const settings = parsed.data
  try {
    assertPrivate(new URL(settings.hub))
  } catch (cause) {
    throw new StartupError(`Wrong setting: --hub: ${causeOf(cause)}. See --help.`)
  }
  const missing = NEEDED[settings.engine].filter((name) => settings[name] === '')
  if (missing.length > 0)
    throw new StartupError(
      `The engine ${settings.engine} needs ${missing.map((name) => `--${name}`).join(' and ')}. See --help.`,
    )
  return settings
}

const NEEDED = {
  'whisper-server': [],
  openai: ['engine-url', 'engine-model'],
  command: ['engine-command'],
} as const satisfies Record<Settings['engine'], readonly (keyof Settings)[]>
