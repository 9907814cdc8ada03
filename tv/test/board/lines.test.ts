import { describe, expect, it } from 'vitest'
import { wallboardKey } from '@3cx-ninja/protocol'
import { inSpeakingOrder, withLine } from '../../src/board/lines.ts'
import { wallboardTuning } from '../../src/tuning.ts'
import { aLine } from '../../testing/wallboardWords.ts'

const partial = (key: string, changes = {}) => aLine(key, { state: 'partial', ...changes })
const texts = (lines: ReturnType<typeof withLine>) => lines.map(({ text }) => text)

describe('withLine', () => {
  it('replaces a partial by the next partial of its utterance, and by the final', () => {
    let lines = withLine([], partial('a', { text: 'Notre' }))
    lines = withLine(lines, partial('a', { text: 'Notre imprimante' }))
    lines = withLine(lines, aLine('a', { text: 'Notre imprimante fume.' }))
    expect(texts(lines)).toEqual(['Notre imprimante fume.'])
  })

  it('keeps a final when a late partial of its utterance arrives', () => {
    const lines = withLine([aLine('a', { text: 'Bonjour.' })], partial('a', { text: 'Bonj' }))
    expect(texts(lines)).toEqual(['Bonjour.'])
  })

  it('removes the partial of an utterance whose text becomes empty', () => {
    expect(withLine([partial('a')], partial('a', { text: ' ' }))).toEqual([])
  })

  it('keeps one open utterance per speaker: a newer one removes an older one without a final', () => {
    const both = [partial('a', { fromMs: 0 }), partial('b', { channel: 'agent', fromMs: 100 })]
    const lines = withLine(both, partial('c', { fromMs: 5_000 }))
    expect(lines.map(({ utteranceId }) => utteranceId)).toEqual(['utterance-b', 'utterance-c'])
  })

  it('keeps an open utterance when the final of an earlier one arrives after it', () => {
    const lines = withLine([partial('b', { fromMs: 3_000 })], aLine('a', { fromMs: 0 }))
    expect(lines.map(({ utteranceId }) => utteranceId)).toEqual(['utterance-a', 'utterance-b'])
  })

  it('orders the lines of both channels and all parts by speaking time, regardless of arrival', () => {
    const lines = inSpeakingOrder([
      aLine('d', { part: 2, fromMs: 0 }),
      aLine('c', { fromMs: 4_000, channel: 'agent' }),
      aLine('a', { fromMs: 0 }),
      aLine('b', { fromMs: 2_000, channel: 'agent' }),
    ])
    expect(lines.map(({ utteranceId }) => utteranceId.at(-1)).join('')).toBe('abcd')
  })

  it('orders the lines of a second recording after the first, because its clock differs', () => {
    const second = wallboardKey.parse('recording-2')
    const lines = inSpeakingOrder([
      aLine('a', { fromMs: 9_000 }),
      aLine('b', { fromMs: 0, track: second }),
      aLine('c', { fromMs: 10_000 }),
    ])
    expect(lines.map(({ utteranceId }) => utteranceId.at(-1)).join('')).toBe('acb')
  })

  it('drops the oldest lines of a call beyond the limit', () => {
    const many = Array.from({ length: 100 }, (_, n) => aLine(`n${n}`, { fromMs: n * 1_000 }))
    const lines = inSpeakingOrder(many)
    expect(lines).toHaveLength(wallboardTuning.linesKept)
    expect(lines.at(-1)?.utteranceId).toBe('utterance-n99')
  })
})
