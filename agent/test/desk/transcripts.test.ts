import { describe, expect, it } from 'vitest'
import {
  changedLines,
  settleLines,
  addDevice,
  addMark,
  applyUtterance,
  type Transcript,
} from '../../src/main/desk/transcripts.ts'
import { anUtterance } from '../../testing/desk/deskBuilders.ts'

const texts = (lines: Transcript) => lines.map((line) => (line.kind === 'words' ? line.text : '★'))
const after = (...said: Parameters<typeof anUtterance>[]) =>
  said.reduce<Transcript>((lines, [key, changes]) => applyUtterance(lines, anUtterance(key, changes)), [])

describe('the words of a call', () => {
  it('[U1] a partial replaces the partial before it, and the final ends it for good', () => {
    const growing = after(
      ['1', { state: 'partial', text: 'bon' }],
      ['1', { state: 'partial', text: 'bonjour' }],
      ['1', { state: 'final', text: 'Bonjour.' }],
      ['1', { state: 'partial', text: 'late' }],
    )
    expect(growing).toEqual([expect.objectContaining({ text: 'Bonjour.', state: 'final' })])
  })

  it('utterances stand in the order of the call, over the parts of a recording, however they arrive', () => {
    const lines = after(
      ['3', { part: 2, fromMs: 100, text: 'third' }],
      ['2', { part: 1, fromMs: 5_000, text: 'second' }],
      ['1', { part: 1, fromMs: 1_000, text: 'first' }],
    )
    expect(texts(lines)).toEqual(['first', 'second', 'third'])
  })

  it('[U3] a final that comes twice is one line', () => {
    const once = after(['1', { text: 'once' }])
    expect(applyUtterance(once, anUtterance('1', { text: 'once' }))).toBe(once)
  })

  it('an empty partial removes its line: the speaker said nothing after all', () => {
    expect(after(['1', { state: 'partial', text: 'hm' }], ['1', { state: 'partial', text: ' ' }])).toEqual([])
  })

  it('a mark stands between the words of its time', () => {
    const lines = after(['1', { fromMs: 0 }], ['2', { fromMs: 9_000 }])
    expect(texts(addMark(lines, { part: 1, fromMs: 4_000 }))).toEqual(['words of 1', '★', 'words of 2'])
  })

  it('a transcript keeps only finals once the call is closed', () => {
    const lines = after(['1', { text: 'said' }], ['2', { state: 'partial', text: 'half', fromMs: 2_000 }])
    expect(texts(settleLines(lines))).toEqual(['said'])
  })

  it('a page gets only the changed lines, and all of them when a line is gone', () => {
    const before = after(['1', {}], ['2', { state: 'partial', fromMs: 2_000 }])
    const grown = applyUtterance(before, anUtterance('2', { fromMs: 2_000, text: 'done' }))
    expect(changedLines(before, grown)?.map(({ id }) => id)).toEqual(['utterance-2'])
    expect(changedLines(before, grown.slice(0, 1))).toBeUndefined()
  })

  it('a change of device shows once at its time in the transcript, and stays there after the call', () => {
    const said = applyUtterance(applyUtterance([], anUtterance('1')), anUtterance('2', { fromMs: 2_000 }))
    const change = { channel: 'agent', label: 'Jabra Evolve2', part: 1, fromMs: 1_000 } as const
    const lines = addDevice(addDevice(said, change), change)
    expect(lines.map(({ kind }) => kind)).toEqual(['words', 'device', 'words'])
    expect(settleLines(lines)[1]).toMatchObject({ kind: 'device', channel: 'agent', label: 'Jabra Evolve2' })
  })
})
