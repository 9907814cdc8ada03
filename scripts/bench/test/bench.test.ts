import { describe, expect, test } from 'vitest'
import { replaceBlock } from '../document.ts'
import { createHistogram, summarize, summarizeCounts } from '../statistics.ts'
import { markdownTable, terminalTable } from '../table.ts'
import { tableOf } from '../tableOf.ts'

describe('statistics', () => {
  test('a percentile is a measured value, and the p95 of a few is the largest of them', () => {
    expect(summarize([5, 1, 9])).toEqual({ n: 3, p50: 5, p95: 9, p99: 9, max: 9 })
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(summarize(hundred)).toEqual({ n: 100, p50: 50, p95: 95, p99: 99, max: 100 })
  })

  test('an empty sample has no percentile', () => {
    expect(summarize([])).toMatchObject({ n: 0, p50: Number.NaN })
    expect(summarizeCounts([])).toMatchObject({ n: 0, p99: Number.NaN })
  })

  test('histograms of several processes give the percentiles of all together, never smaller than the true value', () => {
    const [one, other] = [createHistogram(), createHistogram()]
    for (let ms = 1; ms <= 50; ms++) one.add(ms)
    for (let ms = 51; ms <= 100; ms++) other.add(ms)
    const { n, p50, p99, max } = summarizeCounts([one.counts(), other.counts()])
    expect(n).toBe(100)
    for (const [found, truth] of [[p50, 50], [p99, 99], [max, 100]] as const) {
      expect(found).toBeGreaterThanOrEqual(truth)
      expect(found).toBeLessThan(truth + 0.11)
    }
  }) // prettier-ignore
})

describe('tables', () => {
  const head = ['what', 'measured']
  test('table columns on a terminal are as wide as their widest cell', () => {
    expect(terminalTable(head, [['a', '1'], ['longer', '2']]).split('\n')).toEqual([
      'what    measured',
      '──────  ────────',
      'a       1',
      'longer  2',
    ])
  }) // prettier-ignore

  test('a bar in a cell does not break a Markdown table', () => {
    expect(markdownTable(head, [['a|b', '1']])).toContain('| a\\|b | 1 |')
  })

  test('a table omits empty columns and names a missed target in words', () => {
    const { head: shown, rows } = tableOf({
      lines: [{ what: 'start', n: 3, measured: '2 s', target: '≤ 1 s', verdict: 'missed' }],
    })
    expect(shown).toEqual(['what', 'n', 'measured', 'target', ''])
    expect(rows).toEqual([['start', '3', '2 s', '≤ 1 s', '✗ missed']])
  })
})

describe('the document', () => {
  const begin = '<!-- bench:begin (written by: npm run bench -- --write-docs) -->'
  const end = '<!-- bench:end -->'
  test('writing the document replaces only the marked block', () => {
    const before = `# Title\n\n${begin}\n\nold\n\n${end}\n\nwords\n`
    expect(replaceBlock(before, 'new')).toBe(`# Title\n\n${begin}\n\nnew\n\n${end}\n\nwords\n`)
  })

  test('writing a document without the block fails with the reason', () => {
    expect(() => replaceBlock('# Title', 'new')).toThrow('no block')
  })
})
