import { spawn } from 'node:child_process'

// Runs type check, lint, names, contract comments, the index of rules, import directions and format check in parallel,
// prints the output of all, and fails if any fails.
const CHECKS = [
  { name: 'types', args: ['tsc', '--noEmit'] },
  {
    name: 'lint',
    args: ['eslint', '.', '--max-warnings', '0', '--cache', '--cache-location', '.cache/eslint/'],
  },
  { name: 'names', args: ['node', 'scripts/names.ts'] },
  { name: 'contracts', args: ['node', 'scripts/contracts.ts'] },
  { name: 'notices', args: ['node', 'scripts/notices.ts', '--check'] },
  { name: 'rules', args: ['node', 'scripts/rule-index.ts', '--check'] },
  {
    name: 'imports',
    args: [
      'depcruise',
      '--config',
      '.dependency-cruiser.cjs',
      'protocol',
      'recording-log',
      'node-kit',
      'phone-numbers',
      'hub',
      'worker',
      'agent',
      'tv',
      'test',
      'scripts',
    ],
  },
  {
    name: 'format',
    args: [
      'prettier',
      '--check',
      '.',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      '.cache/prettier',
    ],
  },
]

interface Outcome {
  readonly name: string
  readonly code: number
  readonly output: string
  readonly seconds: number
}

function runCheck(name: string, args: readonly string[]): Promise<Outcome> {
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const [command = '', ...rest] = args
    const program = command === 'node' ? process.execPath : `node_modules/.bin/${command}`
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('close', (code) => {
      resolve({ name, code: code ?? 1, output, seconds: (performance.now() - startedMs) / 1000 })
    })
  })
}

const outcomes = await Promise.all(CHECKS.map(({ name, args }) => runCheck(name, args)))
for (const { name, code, output, seconds } of outcomes) {
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)\n`)
  if (code !== 0) process.stdout.write(`${output}\n`)
}
if (outcomes.some(({ code }) => code !== 0)) process.exit(1)
