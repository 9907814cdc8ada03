import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { compile, type Program } from './compile.ts'

const root = path.resolve(import.meta.dirname, '../..')
const helperFolder = path.join(root, 'agent/native/loopback')
const scenarioFolder = path.join(root, 'agent/testing/windows/loopback')
const built = path.join(root, 'build/native')

/** Cross compiler of the Debian package gcc-mingw-w64-x86-64; also the name under MSYS2. */
export const WINDOWS_COMPILER = 'x86_64-w64-mingw32-gcc'
/** Sources without any Windows API, which tests compile for their own machine. */
const PURE = ['arguments.c', 'blindness.c', 'frame.c', 'mix.c', 'resample.c', 'stream.c', 'timeline.c']
/** Sources that open the real loopback; the mock has its own. */
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

/** Resolves with the helper as it ships: one file without a runtime; the same sources and compiler give the same bytes. */
export async function helper(): Promise<Program> {
  const sources = (await readdir(helperFolder)).filter((name) => name.endsWith('.c')).sort()
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'win-x64/ninja-loopback.exe'),
    sources: inHelper(sources),
    linkerFlags: ['-static', '-s', '-Wl,--no-insert-timestamp', '-lole32', '-lshell32'],
  }
}

/** Resolves with the helper's loop over a scenario in place of Windows' audio. */
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

/** Returns the search of Windows' audio sessions over stand-ins for its COM objects. */
export function sessionsMock(): Program {
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'test/sessions-mock.exe'),
    sources: [...inHelper(['sessions.c', 'ids.c']), ...inScenario(['sessions_mock.c'])],
    linkerFlags: ['-static', '-s', '-lole32'],
  }
}

/** Returns the watch of microphone sessions over stand-ins for Windows' COM objects. */
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

/** Returns a native program that plays scenarios through the helper's pure part. */
export function player(compiler: string): Program {
  return {
    compiler,
    out: path.join(built, 'test/play'),
    sources: [...inHelper(PURE), ...inScenario(['play.c', 'scenario.c'])],
    linkerFlags: ['-lm'],
  }
}

/** Returns a native program of the helper's command line and process choice. */
export function chooser(compiler: string): Program {
  return {
    compiler,
    out: path.join(built, 'test/choose'),
    sources: [...inHelper(['arguments.c']), ...inScenario(['choose.c'])],
    linkerFlags: [],
  }
}

/** Returns a stand-in for the 3CX client, with the file name of V18's, because the file name identifies it. */
export function fake3cx(): Program {
  return {
    compiler: WINDOWS_COMPILER,
    out: path.join(built, 'test/3CXDesktopApp.exe'),
    sources: [path.join(scenarioFolder, '../program/fake3cx.c')],
    linkerFlags: ['-static', '-s', '-lgdi32'],
  }
}

/** Compiles the program and resolves with its path. */
export async function build(program: Program): Promise<string> {
  await compile(program)
  return program.out
}
