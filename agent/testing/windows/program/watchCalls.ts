// Runs the real Windows call sources in a Windows node.exe and sends their reports over a socket, until the socket closes.
// Arguments: port of the test on this machine, the native helper and its arguments.
import { connect } from 'node:net'
import { uptime } from 'node:os'
import { silentLogger } from '../../../src/main/process/log.ts'
import { windowsTuning } from '../../../src/main/detection/windows/tuning.ts'
import { createWindowsSources } from '../../../src/main/detection/windows/windowsSources.ts'
import { knownPrograms } from '../../../src/main/telephone/phonePrograms.ts'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'

const socket = connect({ port: Number(process.argv[2]), host: '127.0.0.1', allowHalfOpen: true })
const report = (what: object) => socket.write(`${JSON.stringify(what)}\n`)
let ticks = 0
const ticking = setInterval(() => (ticks += 1), 10)

socket.once('connect', () => {
  const started = createWindowsSources({
    clock: systemClock,
    log: silentLogger,
    tuning: windowsTuning,
    uptimeMs: () => uptime() * 1_000,
    phone: () => knownPrograms('win32'),
    own: 'agent.exe',
    helper: { command: process.argv[3] ?? '', args: process.argv.slice(4) },
  }).sources.map((source) => {
    const stop = source.start({
      fact: (fact) => report({ kind: 'fact', from: source.name, fact }),
      changed: () => report({ kind: 'state', from: source.name, state: source.state() }),
      failed: (error) => report({ kind: 'failed', from: source.name, cause: error.message }),
    })
    return { source, stop }
  })
  const cpu = process.cpuUsage()
  const since = performance.now()
  socket.on('data', () => {
    const { user, system } = process.cpuUsage(cpu)
    const wallClockMs = performance.now() - since
    report({ kind: 'cost', cpuMs: (user + system) / 1_000, wallClockMs, ticks })
  })
  socket.once('end', () => {
    void Promise.all(started.map(async ({ stop }) => stop())).then(() => {
      clearInterval(ticking)
      socket.end(`${JSON.stringify({ kind: 'stopped' })}\n`)
    })
  })
})
