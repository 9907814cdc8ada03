import { describe, expect, it } from 'vitest'
import { recordingId } from '@3cx-ninja/protocol'
import { inSpeakingOrder, withLine } from '../../src/board/lines.ts'
import { wallboardTuning } from '../../src/tuning.ts'
import { aLine } from '../../testing/wallboardWords.ts'

const partial = (key: string, changes = {}) => aLine(key, { state: 'partial', ...changes })
const texts = (lines: ReturnType<typeof withLine>) => lines.map(({ text }) => text)

describe('the lines of a call', () => {
  it('replace a partial by the next one, and by the final', () => {
    let lines = withLine([], partial('a', { text: 'Notre' }))
    lines = withLine(lines, partial('a', { text: 'Notre imprimante' }))
    lines = withLine(lines, aLine('a', { text: 'Notre imprimante fume.' }))
    expect(texts(lines)).toEqual(['Notre imprimante fume.'])
  })

  it('keep a final against a partial that comes late', () => {
    const lines = withLine([aLine('a', { text: 'Bonjour.' })], partial('a', { text: 'Bonj' }))
    expect(texts(lines)).toEqual(['Bonjour.'])
  })

  it('take away what turns out to be silence', () => {
    expect(withLine([partial('a')], partial('a', { text: ' ' }))).toEqual([])
  })

  it('keep one open utterance per speaker: a newer one ends an older that got no final', () => {
    const both = [partial('a', { fromMs: 0 }), partial('b', { channel: 'agent', fromMs: 100 })]
    const lines = withLine(both, partial('c', { fromMs: 5_000 }))
    expect(lines.map(({ utteranceId }) => utteranceId)).toEqual(['utterance-b', 'utterance-c'])
  })

  it('keep an open utterance when the final of an earlier one comes after it', () => {
    const lines = withLine([partial('b', { fromMs: 3_000 })], aLine('a', { fromMs: 0 }))
    expect(lines.map(({ utteranceId }) => utteranceId)).toEqual(['utterance-a', 'utterance-b'])
  })

  it('stand in the order of speaking over both channels and all parts, however they arrive', () => {
    const lines = inSpeakingOrder([
      aLine('d', { part: 2, fromMs: 0 }),
      aLine('c', { fromMs: 4_000, channel: 'agent' }),
      aLine('a', { fromMs: 0 }),
      aLine('b', { fromMs: 2_000, channel: 'agent' }),
    ])
    expect(lines.map(({ utteranceId }) => utteranceId.at(-1)).join('')).toBe('abcd')
  })

  it('put a second recording behind the first, whose clock is another', () => {
    const second = recordingId.parse('recording-2')
    const lines = inSpeakingOrder([
      aLine('a', { fromMs: 9_000 }),
      aLine('b', { fromMs: 0, recordingId: second }),
      aLine('c', { fromMs: 10_000 }),
    ])
    expect(lines.map(({ utteranceId }) => utteranceId.at(-1)).join('')).toBe('acb')
  })

  it('stay bounded, the oldest going first', () => {
    const many = Array.from({ length: 100 }, (_, n) => aLine(`n${n}`, { fromMs: n * 1_000 }))
    const lines = inSpeakingOrder(many)
    expect(lines).toHaveLength(wallboardTuning.linesKept)
    expect(lines.at(-1)?.utteranceId).toBe('utterance-n99')
  })
})
