import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { EVENT_LIMIT_MS } from './protocol/testing/eventLimit.ts'

/** Longer than the longest row of waits in one test, so that the wait that failed names itself before the test's limit. */
const TEST_LIMIT_MS = 10 * EVENT_LIMIT_MS
/** Hooks build pages and start browsers: most of that is work, not waiting. */
const HOOK_LIMIT_MS = 5 * EVENT_LIMIT_MS
/** Tests of one file that run at once, each with a browser context and processes of its own: as many as cores, two at least. */
const AT_ONCE = Math.max(2, availableParallelism())
const waits = {
  testTimeout: TEST_LIMIT_MS,
  hookTimeout: HOOK_LIMIT_MS,
  maxConcurrency: AT_ONCE,
  expect: { poll: { timeout: EVENT_LIMIT_MS } },
} as const

// fast: each package's own tests. system: whole-system tests with real processes. long: soak runs, by themselves.
export default defineConfig({
  test: {
    reporters: ['default', './scripts/closingLine.ts'],
    projects: [
      {
        test: {
          name: 'fast',
          include: [
            '{protocol,recording-log,node-kit,phone-numbers,hub,worker,agent,tv,scripts}/**/test/**/*.test.ts',
            'test/sandbox/**/*.test.ts',
            'test/replication/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
          ],
          ...waits,
          // vitest leaves one core free: on a machine with two, one file after the other, which wait half of their time.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          ...waits,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'long',
          include: ['**/test/**/*.long.ts', 'test/fuzz/**/*.long.ts', 'test/long/**/*.long.ts'],
          exclude: ['**/node_modules/**'],
          ...waits,
          testTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
