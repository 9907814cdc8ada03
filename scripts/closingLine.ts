import type { Reporter, TestModule } from 'vitest/node'

/** Writes 'N passed, N failed, N skipped' as the very last line, so that any CI can read the outcome without vitest. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    let brokenFiles = 0
    for (const module of modules) {
      const before = counts.failed
      for (const test of module.children.allTests()) counts[test.result().state] += 1
      if (module.state() === 'failed' && counts.failed === before) brokenFiles += 1
    }
    const failed = counts.failed + brokenFiles
    process.on('exit', () => {
      process.stdout.write(
        `\n${counts.passed} passed, ${failed} failed, ${counts.skipped + counts.pending} skipped\n`,
      )
    })
  }
}
