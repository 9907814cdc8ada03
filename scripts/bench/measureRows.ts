import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { showProgress } from '../setup/progress.ts'
import { PartError } from '../site/part.ts'
import { endChildren } from './endChildren.ts'
import type { Row } from './row.ts'
import type { Measured } from './tableOf.ts'

export interface MeasureRowsNeeds {
  readonly rows: readonly Row[]
  /** Agents of the ingest row at most; undefined: all its loads. */
  readonly agents?: number
  /** A row that takes longer has failed. */
  readonly rowLimitMs: number
  /** Receives one report per failed row: which part, its last output, what to do. */
  readonly onFailure: (report: string) => void
}

/**
 * Measures one row after the other. Resolves always: a row whose part cannot start, or that is over its limit, is reported
 * and named in `failed`, and the next row begins. No process of a row outlives it, so nothing keeps the bench running.
 * Knows nothing of tables and files: those live in `bench.ts`.
 */
export async function measureRows({
  rows,
  agents,
  rowLimitMs,
  onFailure,
}: MeasureRowsNeeds): Promise<{ measured: readonly Measured[]; failed: readonly string[] }> {
  const measured: Measured[] = []
  const failed: string[] = []
  for (const row of rows) {
    const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-bench-'))
    try {
      measured.push(await measure(row, { folder, rowLimitMs, ...(agents === undefined ? {} : { agents }) }))
      await rm(folder, { recursive: true, force: true })
    } catch (error) {
      failed.push(row.name)
      onFailure(describeFailure(row, folder, error))
    } finally {
      await endChildren()
    }
  }
  return { measured, failed }
}

interface MeasureNeeds {
  readonly folder: string
  readonly agents?: number
  readonly rowLimitMs: number
}

async function measure(row: Row, { rowLimitMs, ...needs }: MeasureNeeds): Promise<Measured> {
  const progress = showProgress(row.title)
  let limit: NodeJS.Timeout | undefined
  let doing = 'its start'
  const overdue = new Promise<never>((_resolve, reject) => {
    limit = setTimeout(
      () => reject(new Error(`not measured within ${rowLimitMs} ms; it stood at: ${doing}`)),
      rowLimitMs,
    )
  })
  const running = row.run({
    ...needs,
    onProgress(percent, now) {
      doing = now
      progress.percent(percent, now)
    },
  })
  running.catch(() => undefined) // over its limit: its parts are killed, and what it still says is of no use
  try {
    const result = await Promise.race([running, overdue])
    progress.done()
    return { name: row.name, title: row.title, ...result }
  } finally {
    clearTimeout(limit)
  }
}

function describeFailure(row: Row, folder: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const where = error instanceof PartError ? '' : `\nOutput of its parts: ${path.join(folder, 'logs')}`
  return [
    `✗ ${row.title}: ${message}${where}`,
    `Correct what the output names; missing tools and pages: npm run setup -- bench. Then: npm run bench -- --only ${row.name}`,
  ].join('\n')
}
