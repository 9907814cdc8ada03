import { defineConfig } from 'vitest/config'

// fast: each package's own tests. system: whole-system tests with real processes. long: soak runs, by themselves.
export default defineConfig({
  test: {
    reporters: ['default', './scripts/closingLine.ts'],
    projects: [
      {
        test: {
          name: 'fast',
          include: [
            '{protocol,recording-log,node-kit,hub,worker,agent,tv,scripts}/**/test/**/*.test.ts',
            'test/sandbox/**/*.test.ts',
            'test/replication/**/*.test.ts',
          ],
          testTimeout: 30_000,
          // vitest leaves one core free: on a machine with two, one file after the other, which wait half of their time.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'long',
          include: ['**/test/**/*.long.ts', 'test/long/**/*.long.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
