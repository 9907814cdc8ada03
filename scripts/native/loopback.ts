import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { compile, type Program } from './compile.ts'

const root = path.resolve(import.meta.dirname, '../..')
const helperFolder = path.join(root, 'agent/native/loopback')
const scenarioFolder = path.join(root, 'agent/testing/windows/loopback')
const built = path.join(root, 'build/native')

/** Cross compiler of the Debian package gcc-mingw-w64-x86-64; also the name under MSYS2. */
export const WINDOWS_COMPILER = 'x86_64-w64-mingw32-gcc'
/** The part that knows no Windows, which tests compile for their own machine. */
const PURE = ['arguments.c', 'blindness.c', 'frame.c', 'mix.c', 'resample.c', 'stream.c', 'timeline.c']
/** What opens the real loopback; the mock has its own. */
const REAL_ONLY = [
  'arguments.c',
  'endpoint_loopback.c',
  'main.c',
  'process_loopback.c',
  'processes.c',
  'recorders.c',
  'session_watch.c',
  'sessions.c',
]

const inHelper = (names: readonly string[]) => names.map((name) => path.join(helperFolder, name))
const inScenario = (names: readonly string[]) => names.map((name) => path.join(scenarioFolder, name))

/** The helper as it ships: one file without any runtime to install; the same sources and compiler give the same bytes. */
export async function helper(): Promise<Program> {
  const sources = (await readdir(helperFolder)).filter((name) => name.endsWith('.c')).sort()
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'win-x64/ninja-loopback.exe'),
    sources: inHelper(sources),
    linkerFlags: ['-static', '-s', '-Wl,--no-insert-timestamp', '-lole32', '-lshell32'],
  }
}

/** The helper's loop with a scenario in place of Windows' audio. */
export async function mock(): Promise<Program> {
  const { sources } = await helper()
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'test/ninja-loopback-mock.exe'),
    sources: [
      ...sources.filter((source) => !REAL_ONLY.includes(path.basename(source))),
      ...inScenario(['mock.c', 'scenario.c']),
    ],
    linkerFlags: ['-static', '-s', '-lole32'],
  }
}

/** The search through Windows' sound sessions over stand-ins for its COM objects. */
export function sessionsMock(): Program {
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'test/sessions-mock.exe'),
    sources: [...inHelper(['sessions.c', 'ids.c']), ...inScenario(['sessions_mock.c'])],
    linkerFlags: ['-static', '-s', '-lole32'],
  }
}

/** The watch over the sessions of microphones over stand-ins for Windows' COM objects. */
export function recordersMock(): Program {
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'test/recorders-mock.exe'),
    sources: [
      ...inHelper(['recorders.c', 'session_watch.c', 'status.c', 'ids.c']),
      ...inScenario(['recorders_mock.c']),
    ],
    linkerFlags: ['-static', '-s', '-lole32'],
  }
}

/** Plays scenarios through the helper's pure part, natively. */
export function player(compiler: string): Program {
  return {
    compiler,
    out: path.join(built, 'test/play'),
    sources: [...inHelper(PURE), ...inScenario(['play.c', 'scenario.c'])],
    linkerFlags: ['-lm'],
  }
}

/** Command line and choice of a process, natively. */
export function chooser(compiler: string): Program {
  return {
    compiler,
    out: path.join(built, 'test/choose'),
    sources: [...inHelper(['arguments.c']), ...inScenario(['choose.c'])],
    linkerFlags: [],
  }
}

/** Stands in for the 3CX client; named as V18's, since its file name is its identity. */
export function fake3cx(): Program {
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'test/3CXDesktopApp.exe'),
    sources: [path.join(scenarioFolder, '../program/fake3cx.c')],
    linkerFlags: ['-static', '-s', '-lgdi32'],
  }
}

/** Compiles and gives the path of the program. */
export async function build(program: Program): Promise<string> {
  await compile(program)
  return program.out
}
