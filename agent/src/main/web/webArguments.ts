import path from 'node:path'
import { HELP, parseArguments, type Arguments } from '../headless/arguments.ts'

export interface WebArguments {
  readonly agent: Arguments
  /** 0: any free one. */
  readonly port: number
  /** The built page. */
  readonly page: string
}

export const WEB_HELP = `npm run agent:web -- --data FOLDER [options]

The technician's window in a browser on this machine. Options of its own:
  --port N              port on 127.0.0.1; 0 (default): any free one
  --page FOLDER         the built page; default build/agent-renderer

All options of the headless agent work too, apart from --decide and --exit; with --json the window's link comes as JSON:

${HELP}`

const BUILT_PAGE = path.resolve(import.meta.dirname, '../../../../build/agent-renderer')

/** Parses the command line of the agent in a browser. Throws an Error that names option, value and what is allowed. */
export function parseWebArguments(argv: readonly string[]): WebArguments {
  const rest: string[] = []
  let port = 0
  let page = BUILT_PAGE
  for (let at = 0; at < argv.length; at++) {
    const [name, glued] = splitOption(argv[at] ?? '')
    if (name !== '--port' && name !== '--page') {
      rest.push(argv[at] ?? '')
      continue
    }
    const value = glued ?? argv[++at]
    if (value === undefined) throw new Error(`${name}: a value is missing. See --help.`)
    if (name === '--page') page = path.resolve(value)
    else port = parsePort(value)
  }
  return { agent: parseArguments(rest), port, page }
}

function parsePort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
  if (port <= 65_535) return port
  throw new Error(`--port ${value}: a whole number from 0 to 65535. See --help.`)
}

function splitOption(text: string): [string, string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
