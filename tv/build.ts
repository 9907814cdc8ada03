import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildWall } from './scripts/buildWall.ts'

const { values } = parseArgs({
  options: { out: { type: 'string', default: path.resolve(import.meta.dirname, '../build/tv') } },
})
await buildWall(values.out)
