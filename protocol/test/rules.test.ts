import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const rulesOf = (text: string) => [...text.matchAll(/\[([A-Z]\d+)\]/g)].map(([, rule]) => rule ?? '')

/**
 * Promised, and not shown by a test yet: nothing stays here. H7: the copy that an agent fetches of the
 * hub's sound. R14: the channel that another device hears from a `device-change` on.
 */
const UNPROVEN = ['H7', 'R14']
/** Test files of every part. */
function* tests(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!['node_modules', 'artifacts'].includes(entry.name)) yield* tests(at)
    } else if (/\.(test|long)\.tsx?$/.test(entry.name)) yield at
  }
}

it('each rule of PROTOCOL.md is cited by a test, and no test cites a rule that is not there', () => {
  const page = readFileSync(path.join(root, 'protocol/PROTOCOL.md'), 'utf8')
  const rules = [...page.matchAll(/^- \*\*\[([A-Z]\d+)\]/gm)].map(([, rule]) => rule ?? '')
  const folders = ['protocol', 'recording-log', 'node-kit', 'phone-numbers', 'hub', 'agent', 'worker', 'tv'].map((part) => path.join(part, 'test')) // prettier-ignore
  const files = [...folders, 'test'].flatMap((folder) => {
    try {
      return [...tests(path.join(root, folder))]
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  })
  const cited = new Set(files.flatMap((file) => rulesOf(readFileSync(file, 'utf8'))))
  expect(rules.filter((rule) => !cited.has(rule) && !UNPROVEN.includes(rule))).toEqual([])
  expect([...cited].filter((rule) => !rules.includes(rule))).toEqual([])
  expect(rules.length).toBeGreaterThan(50)
})
