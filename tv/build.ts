import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildWallboard } from './scripts/buildWallboard.ts'

const { values } = parseArgs({
  options: { out: { type: 'string', default: path.resolve(import.meta.dirname, '../build/tv') } },
})
await buildWallboard(values.out)
