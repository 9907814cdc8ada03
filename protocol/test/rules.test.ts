import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const rulesOf = (text: string) => [...text.matchAll(/\[([A-Z]\d+)\]/g)].map(([, rule]) => rule ?? '')

/**
 * Rules without a test yet; this list must become empty. H7: the copy that an agent fetches of the hub's audio. R14: the
 * channel that another device records from a `device-change` on.
 */
const UNPROVEN = ['H7', 'R14']
/** Yields the test files of a folder. */
function* tests(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!['node_modules', 'artifacts'].includes(entry.name)) yield* tests(at)
    } else if (/\.(test|long)\.tsx?$/.test(entry.name)) yield at
  }
}

it('a test cites each rule of PROTOCOL.md, and no test cites a rule that does not exist', () => {
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
  // A letter that is no section of the page belongs to another list: '[A1]' is a point of the tickets' faults.
  const letters = new Set(rules.map((rule) => rule.charAt(0)))
  expect([...cited].filter((rule) => letters.has(rule.charAt(0)) && !rules.includes(rule))).toEqual([])
  expect(rules.length).toBeGreaterThan(50)
})
