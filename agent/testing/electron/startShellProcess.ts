import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

const root = path.resolve(import.meta.dirname, '../../..')
export type FakeLine = Readonly<Record<string, unknown>> & { readonly fake: string }

/** Builds main, preload and page as they ship; about a second. */
export async function buildShell(): Promise<void> {
  await runNode(['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'error'])
  await runNode(['agent/scripts/buildSoundPage.ts'])
}

async function runNode(args: readonly string[]): Promise<void> {
  const building = spawn(process.execPath, [...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  building.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  building.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const code = await new Promise((resolve) => building.on('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} failed: ${printed}`)
}

/** The built application in a process of its own, on the fake Electron, with a folder of its own. */
export async function startShellProcess(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[] = [],
  /** Of an earlier process; else a fresh one, removed at the end. */
  given?: string,
) {
  const folder = given ?? (await mkdtemp(path.join(tmpdir(), 'shell-')))
  const hook = path.join(root, 'agent/testing/electron/hook.ts')
  const main = path.join(root, 'build/agent/main/main.js')
  const child = spawn(process.execPath, ['--import', hook, main, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...environment, FAKE_USER_DATA: folder },
  })
  const lines: FakeLine[] = []
  const listeners = new Set<() => void>()
  let errors = ''
  let orders = 0
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdin.on('error', () => undefined) // a process that ended closes its pipe
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) return
    lines.push(JSON.parse(text) as FakeLine)
    for (const listener of [...listeners]) listener()
  })
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('close', (code, signal) => {
      resolve(signal ?? code ?? 1)
      for (const listener of [...listeners]) listener()
    }),
  )
  const waitFor = (what: string, matches: (line: FakeLine) => boolean, from = 0) =>
    new Promise<FakeLine>((resolve, reject) => {
      const limit = setTimeout(
        () => settle(() => reject(new Error(`no ${what}: ${errors} ${JSON.stringify(lines.slice(-5))}`))),
        EVENT_LIMIT_MS,
      )
      const settle = (act: () => void) => {
        clearTimeout(limit)
        listeners.delete(poll)
        act()
      }
      const poll = () => {
        const found = lines.slice(from).find(matches)
        if (found) return settle(() => resolve(found))
        if (child.exitCode !== null || child.signalCode !== null)
          settle(() => reject(new Error(`the agent ended before ${what}: ${errors}`)))
      }
      listeners.add(poll)
      poll()
    })
  const write = (order: object) => void child.stdin.write(`${JSON.stringify(order)}\n`)
  return {
    folder,
    lines,
    ended,
    errors: () => errors,
    waitFor,
    /** Does it on the page and waits until it is done. */
    async order(order: Readonly<Record<string, unknown>>): Promise<FakeLine> {
      const id = String((orders += 1))
      write({ ...order, id })
      const done = await waitFor(JSON.stringify(order), (line) => line['id'] === id)
      if (done.fake === 'failed') throw new Error(String(done['cause']))
      return done
    },
    write,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
      if (!given) await rm(folder, { recursive: true, force: true })
    },
  }
}
