// Runs a bench whose only row has a part that cannot start: node brokenBench.ts exits|cannot-bind|never-ready|over-limit
import { createServer } from 'node:net'
import path from 'node:path'
import { startPart } from '../../site/part.ts'
import { measureRows } from '../measureRows.ts'
import type { Row, RowNeeds } from '../row.ts'

const [how = ''] = process.argv.slice(2)
/** A short limit keeps the test fast: a real part has 30 s to become ready. */
const READY_MS = how === 'never-ready' ? 1 : 60_000
const ROW_LIMIT_MS = how === 'over-limit' ? 1 : 600_000

const script = async () => {
  if (how === 'exits') return 'console.error("the disk is full"); process.exit(3)'
  if (how !== 'cannot-bind') return 'setInterval(() => undefined, 1_000)'
  const holder = createServer()
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  const address = holder.address()
  return `require('net').createServer().listen(${typeof address === 'object' ? address?.port : 0}, '127.0.0.1')`
}

const row: Row = {
  name: 'start',
  title: 'Broken',
  async run({ folder }: RowNeeds) {
    // A healthy part runs next to the broken one, as a hub next to a worker: it must not keep the bench running.
    const beside = ['-e', 'setInterval(() => undefined, 1_000)']
    startPart({ name: 'beside', args: beside, logFile: path.join(folder, 'beside.log') })
    const args = ['-e', await script()]
    const part = startPart({ name: 'relay', args, logFile: path.join(folder, 'relay.log') })
    await part.waitFor('ready', (line) => line.relay === 'ready', READY_MS)
    return { lines: [], medians: [], figures: {} }
  },
}

const { failed } = await measureRows({
  rows: [row],
  rowLimitMs: ROW_LIMIT_MS,
  onFailure: (report) => void process.stderr.write(`${report}\n`),
})
process.exit(failed.length)
