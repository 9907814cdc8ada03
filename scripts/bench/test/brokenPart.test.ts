import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** A failed row keeps its folder with the logs; this one lasts until the end of the tests. */
let folder = ''
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'broken-bench-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Resolves once the process and all holders of its pipes have ended: a part left running would keep the test waiting. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number | null; errors: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, script), ...args], {
      env: { ...process.env, TMPDIR: folder, ...env },
    })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
    child.stdout.resume()
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, errors }))
  })
}

test.each([
  ['exits at once', 'exits', ['relay ended (exit code 3) before ready', 'the disk is full']],
  ['cannot bind its port', 'cannot-bind', ['relay ended (exit code 1) before ready', 'EADDRINUSE']],
  ['never becomes ready', 'never-ready', ['relay is running, but there was no ready within 1 ms', 'printed nothing']],
  ['keeps its row over the limit', 'over-limit', ['not measured within 1 ms']],
] as const)('a part that %s ends the bench with its name, its last output and a remedy', async (_what, how, said) => {
  const { code, errors } = await run('brokenBench.ts', [how])
  expect(code).toBe(1)
  for (const words of [...said, '✗ Broken', 'npm run bench -- --only start']) expect(errors).toContain(words)
}) // prettier-ignore

test('the bench ends with exit code 1 when the real hub refuses its settings', async () => {
  const { code, errors } = await run('../bench.ts', ['--only', 'start', '--out', '/dev/null'], { LOG_LEVEL: 'loud' })
  expect(code).toBe(1)
  expect(errors).toContain('hub ended (exit code')
  expect(errors).toContain('LOG_LEVEL')
}) // prettier-ignore

test('the bench refuses a number of agents that no load has before anything starts', async () => {
  const { code, errors } = await run('../bench.ts', ['--agents', '7'])
  expect(code).toBe(2)
  expect(errors).toContain('--agents')
})
