import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildAdmin } from './buildAdmin.ts'

const { values } = parseArgs({
  options: { out: { type: 'string', default: path.resolve(import.meta.dirname, '../../build/admin') } },
})
await buildAdmin(values.out)
