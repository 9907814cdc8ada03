import { describe, expect, test } from 'vitest'
import { comparisonCells, judge, pair } from '../compare/judge.ts'
import { readMedians } from '../compare/readMedians.ts'

const of = (old: readonly number[], now: readonly number[], better: 'lower' | 'higher' = 'lower') =>
  judge({ row: 'start', metric: 'later starts', unit: 'ms', better, old, new: now })

describe('the verdict of a comparison', () => {
  test.each([
    ['a median more than 5 % worse and outside the old range is worse', [100, 101, 102], [107, 108, 109], 'lower', true],
    ['a median more than 5 % worse but inside the old range is not worse', [90, 100, 120], [110, 110, 110], 'lower', false],
    ['a median outside the old range by less than 5 % is not worse', [100, 100, 100], [104, 104, 104], 'lower', false],
    ['a share that falls is worse', [90, 90, 91], [80, 80, 80], 'higher', true],
    ['a share that rises is not worse', [80, 80, 80], [99, 99, 99], 'higher', false],
    ['a first lost frame is worse', [0, 0, 0], [0, 1, 1], 'lower', true],
    ['no lost frame on either side is not worse', [0, 0, 0], [0, 0, 0], 'lower', false],
  ] as const)('in a comparison, %s', (_what, old, now, better, isWorse) => {
    expect(of(old, now, better).isWorse).toBe(isWorse)
  }) // prettier-ignore

  test('a comparison shows median, range and change of both commits', () => {
    expect(comparisonCells(of([379.4, 370, 404], [420.04, 425, 430]))).toEqual([
      'start',
      'later starts',
      '379 ms (370 – 404)',
      '425 ms (420 – 430)',
      '+12.0 %',
      '✗ worse',
    ])
  })
})

describe('the medians of a report', () => {
  const reportOf = (row: object, failed: readonly string[] = []) =>
    JSON.stringify({ startedAt: '', machine: {}, failed, rows: [{ title: '', lines: [], ...row }] })

  test('a report of an old commit gives the same metrics as one of this tree', () => {
    const readyMs = [700, 380, 390, 400]
    const old = readMedians(reportOf({ name: 'start', figures: { readyMs } }), 'start')
    expect(old.map(({ what, value }) => [what, value])).toEqual([
      ['first start', 700],
      ['later starts, p50', 390],
    ])
    expect(readMedians(reportOf({ name: 'start', medians: old, figures: {} }), 'start')).toEqual(old)
  })

  // Reports as c088722 wrote them, shortened: this text is a record, so its names stay.
  test.each([
    [
      'capture',
      '{"agent":{"cpu":0.03,"children":0.01,"memory":{"earlyMb":1,"lateMb":1,"peakMb":130}},"lost":0}',
      [0.04, 130, 0],
    ],
    [
      'live',
      '{"worker":{"speed":4,"decoders":2},"draftMs":[900,950],"uploadedDraftMs":[9],"words":[{"finalMs":[700],"onsetMs":[800],"shownWords":10,"survivingWords":9}],"agents":[{"cores":0.05,"maxRssMB":120}]}',
      [900, 700, 800, 90, 0.05, 120],
    ],
    [
      'ingest',
      '[{"run":{"server":"stored","agents":200,"flushDelayMs":0},"level":{"answer":{"p50":9},"cores":0.3,"maxRssMB":90,"sent":5,"acknowledged":5}},{"run":{"server":"hub","agents":200,"warmUpSeconds":2,"flushDelayMs":0},"level":{"answer":{"n":5,"p50":12},"cores":0.4,"maxRssMB":150,"sent":5,"acknowledged":4}}]',
      [12, 0.4, 150, 1],
    ],
  ] as const)('the old figures of %s are read', (name, figures, values) => {
    const text = reportOf({ name, figures: JSON.parse(figures) as unknown })
    expect(readMedians(text, name).map(({ value }) => value)).toEqual(values)
  })

  test('a metric that one commit does not measure is omitted', () => {
    const one = { what: 'first start', unit: 'ms', value: 1, better: 'lower' } as const
    const other = { ...one, what: '1000 agents: memory' }
    expect(pair('ingest', [[one, other]], [[one]]).map(({ metric }) => metric)).toEqual(['first start'])
  })

  test('a report of a failed row is refused', () => {
    expect(() => readMedians(reportOf({ name: 'live', figures: {} }, ['start']), 'start')).toThrow('failed')
  })
})
