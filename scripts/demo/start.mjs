// npm run demo: installs what the demonstration needs, then plays it; --help needs no set-up.
// Runs on the machine's own Node (20 or newer) and imports nothing but Node itself, because nothing may be installed yet.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const given = process.argv.slice(2)
if (given.includes('--help')) process.stdout.write(readFileSync(new URL('help.txt', import.meta.url), 'utf8'))
else {
  // Ctrl-C also reaches the child, which stops its parts in order; this process waits for the child.
  process.on('SIGINT', () => undefined)
  const setup = fileURLToPath(new URL('../setup/setup.mjs', import.meta.url))
  process.exitCode =
    (await run(process.execPath, [setup, 'demo'])) ||
    (await runNpm(['run', '--silent', 'demo:only', '--', ...given]))
}

/** Runs a script through npm, which puts the Node of the set-up in front of the machine's own. */
function runNpm(args) {
  const npm = process.env.npm_execpath
  return npm ? run(process.execPath, [npm, ...args]) : run('npm', args)
}

/** Runs a command and resolves with its exit code. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit' })
    const ask = () => child.kill('SIGTERM')
    process.on('SIGTERM', ask)
    child.on('error', (error) => {
      process.stderr.write(`Cannot start '${command}': ${error.message}\n`)
      resolve(1)
    })
    child.on('close', (code) => {
      process.off('SIGTERM', ask)
      resolve(code ?? 1)
    })
  })
}
