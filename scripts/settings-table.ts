import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import prettier from 'prettier'

// Writes docs/settings.md, and the hub's table in README.md, from the schemas that validate the settings of each part: a
// program of each part prints its own schema as JSON. Run: npm run docs:settings

const PAGE = path.resolve(import.meta.dirname, '../docs/settings.md')
const README = path.resolve(import.meta.dirname, '../README.md')
const BLOCK = /(<!-- settings:begin[^>]*-->\n)[\s\S]*?(<!-- settings:end -->)/

interface Shape {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly format?: string
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
}

interface Field {
  readonly name: string
  readonly description: string
  readonly shape: Shape
}
interface HubField extends Field {
  readonly variables: readonly { readonly name: string; readonly unit?: string }[]
  readonly secret: boolean
}
interface HubSettings {
  readonly fields: readonly HubField[]
  readonly withoutEffect: Readonly<Record<string, string>>
}
interface WorkerSettings {
  readonly fields: readonly Field[]
}
interface AgentSettings {
  readonly fields: readonly { readonly name: string; readonly variable?: string; readonly shape: Shape }[]
}

/** Returns the output of a part's `scripts/printSettings.ts`. Throws with its error output when it fails. */
function settingsOf(part: 'hub' | 'worker' | 'agent'): unknown {
  const program = path.resolve(import.meta.dirname, '..', part, 'scripts/printSettings.ts')
  return JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' }))
}
// The three programs print values of these types; settingsPage.test.ts compares the page with the schemas.
const hubSettings = () => settingsOf('hub') as HubSettings
const workerSettings = () => settingsOf('worker') as WorkerSettings
const agentSettings = () => settingsOf('agent') as AgentSettings

/** Returns the allowed values in words: '5 to 120', 'rules, llm', 'address', 'list of texts'. */
function allowed(shape: Shape): string {
  const { type, minimum, maximum } = shape
  if (shape.anyOf) return [...new Set(shape.anyOf.map(allowed))].join(' or ')
  if (shape.const !== undefined) return shape.const === '' ? 'empty' : code(shape.const)
  if (shape.enum) return shape.enum.map(code).join(', ')
  if (type === 'boolean') return '`true`, `false`'
  if (type === 'array') return `list of ${shape.items?.type === 'string' ? 'texts' : 'values'}`
  if (type === 'integer' || type === 'number') {
    const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum
    const least = minimum === undefined || minimum <= -Number.MAX_SAFE_INTEGER ? undefined : minimum
    if (least !== undefined && most !== undefined) return `${least} to ${most}`
    return least === undefined ? 'number' : `${least} or more`
  }
  if (shape.format === 'uri') return 'address'
  if (shape.format === 'email') return 'e-mail address'
  return shape.pattern ? `text like \`${cell(shape.pattern)}\`` : 'text'
}

const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Returns a default as a person writes it; a default that depends on the machine is described in words. */
function shown(value: unknown, machine: Readonly<Record<string, string>> = {}, key = ''): string {
  if (machine[key]) return machine[key]
  if (value === undefined) return '–'
  return value === '' ? '(empty)' : code(value)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function hubTable({ fields }: HubSettings): string {
  const rows = fields.map(({ name, shape, description, ...field }) => {
    const variables = field.variables.map((one) => `\`${one.name}\`${one.unit ? ` (${one.unit})` : ''}`)
    const secret = field.secret ? '. **Secret**: never shown or logged' : ''
    return [
      code(name),
      allowed(shape),
      shown(shape.default),
      variables.join(', ') || '–',
      cell(description) + secret,
    ]
  })
  return table(['setting', 'allowed', 'default', 'environment', 'meaning'], rows)
}

function workerTable(): string {
  const fromMachine = {
    name: 'name of the machine',
    binary: '`build/whisper/bin/whisper-server`',
    model: '`resources/models/demo-fr-q5.bin`',
  }
  const rows = workerSettings().fields.map(({ name, shape, description }) => {
    const variable = `NINJA_WORKER_${name.toUpperCase().replaceAll('-', '_')}`
    return [code(`--${name}`), allowed(shape), shown(shape.default, fromMachine, name), code(variable), cell(description)] // prettier-ignore
  })
  return table(['option', 'allowed', 'default', 'environment', 'meaning'], rows)
}

/** The meaning of each agent setting, because the agent's schema has no texts; a missing entry is an error. */
const AGENT_MEANINGS: Readonly<Record<string, string>> = {
  version: 'Version of this file',
  hub: 'Address of the hub: https, or http on this machine only',
  extension: 'The technician’s extension in 3CX',
  name: 'The technician’s name on wallboard and ticket',
  email: 'The technician’s address in the helpdesk',
  language: 'Spoken language; default: the hub’s',
  locale: 'Language of the screen',
  theme: 'Theme of the window',
  microphone: 'Sound device of the technician as the system names it; empty: the system’s own choice',
  loudspeaker: 'Sound device that plays the caller’s voice; empty: the system’s own choice',
  phonePrograms:
    'Telephone programs besides the known 3CX clients, one per line or separated by `;` or `,`; see [capture](capture.md)',
  startWithSystem:
    'Whether the desktop application starts with the system (Linux: an entry in `~/.config/autostart`); on Windows and Linux it stays off when the system’s own settings disable it',
}

function agentTable(): string {
  const rows = agentSettings().fields.map(({ name, variable, shape }) => {
    const meaning = AGENT_MEANINGS[name]
    if (meaning === undefined)
      throw new Error(`scripts/settings-table.ts: describe the agent's setting ${name} in AGENT_MEANINGS.`)
    return [code(name), allowed(shape), shown(shape.default), variable ? code(variable) : '–', meaning]
  })
  return table(['setting', 'allowed', 'default', 'environment', 'meaning'], rows)
}

/** Resolves with the whole page in the repository's format. */
export async function settingsPage(): Promise<string> {
  const hub = hubSettings()
  const text = `# Settings

Generated by \`npm run docs:settings\` from the schemas that validate the settings; a test fails when this page is stale.

## Hub: hub-settings.json

An environment variable overrides the file; of several variables, the first one that is set wins. The variable names of both older generations still work. \`npm run hub -- --settings FILE\` names another file. Groups are objects: \`tickets.undoSeconds\` is \`{ "tickets": { "undoSeconds": 5 } }\`. An omitted setting has its default; a wrong value stops the start with the key, the value and the allowed values; an unknown key is kept and logged. The settings that agents receive (\`language\`, \`tickets.countdownSeconds\`, \`recording.consent\`, \`recording.optOut\`) take effect when they are saved on the admin page; every other change, and any change made in the file by hand, takes effect at the next start.

${hubTable(hub)}

### Variables of older generations without effect

The hub logs each one that is set (\`settings.variable-without-effect\`).

${table(
  ['variable', 'why'],
  Object.entries(hub.withoutEffect).map(([name, why]) => [code(name), cell(why)]),
)}

## Worker

The command line overrides the environment, which overrides the default. \`npm run worker -- --help\` prints the same table.

${workerTable()}

## Agent

The agent has its own settings file. Values from outside override the file and are locked in the window; the order is the machine's policy, the command line, the installer's values, the environment.

${agentTable()}
`
  const options = await prettier.resolveConfig(PAGE)
  return prettier.format(text, { ...options, parser: 'markdown' })
}

/** Resolves with README.md and the current table of the hub's settings: meaning and default of each. */
export async function readmeWithSettings(): Promise<string> {
  const readme = await readFile(README, 'utf8')
  if (!BLOCK.test(readme)) throw new Error('README.md has lost its markers settings:begin and settings:end.')
  const rows = hubSettings().fields.map(({ name, shape, description }) => [
    code(name),
    shown(shape.default),
    cell(description),
  ])
  const block = table(['setting', 'default', 'meaning'], rows)
  const text = readme.replace(BLOCK, (_, begin: string, end: string) => `${begin}\n${block}\n\n${end}`)
  return prettier.format(text, { ...(await prettier.resolveConfig(README)), parser: 'markdown' })
}

/** Resolves with whether the committed pages match the schemas. */
export async function arePagesCurrent(): Promise<boolean> {
  const [page, readme] = await Promise.all([readFile(PAGE, 'utf8'), readFile(README, 'utf8')])
  return page === (await settingsPage()) && readme === (await readmeWithSettings())
}

if (import.meta.main) {
  await writeFile(PAGE, await settingsPage())
  await writeFile(README, await readmeWithSettings())
  for (const page of [PAGE, README]) process.stdout.write(`${path.relative(process.cwd(), page)} written\n`)
}
