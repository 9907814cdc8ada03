import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { functions, setUpRefusal } from '../../src/ipc/channels.ts'
import en from '../../src/renderer/i18n/en.json' with { type: 'json' }
import fr from '../../src/renderer/i18n/fr.json' with { type: 'json' }
import { callTime, clockTime, formatDuration, formatPhoneNumber } from '../../src/renderer/i18n/format.ts'
import { createTranslator } from '../../src/renderer/i18n/texts.ts'

function* leaves(tree: object, before = ''): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(tree) as [string, string | object][])
    if (typeof value === 'string') yield [`${before}${key}`, value]
    else yield* leaves(value, `${before}${key}.`)
}
const texts = { fr: new Map(leaves(fr)), en: new Map(leaves(en)) }
const RENDERER = path.resolve(import.meta.dirname, '../../src/renderer')

describe('the texts of the window', () => {
  it('have the same keys in French and English, and none is empty', () => {
    expect([...texts.en.keys()].sort()).toEqual([...texts.fr.keys()].sort())
    for (const all of Object.values(texts))
      for (const [key, text] of all) expect(text.trim(), key).not.toBe('')
  })

  it('use the same values in French and English', () => {
    const values = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort()
    for (const [key, text] of texts.fr) expect(values(texts.en.get(key) ?? ''), key).toEqual(values(text))
  })

  it('keep French spaces from breaking, and its apostrophes curly', () => {
    for (const [key, text] of texts.fr) {
      expect(text, key).not.toMatch(/ [:;!?%»]|« /)
      expect(text, key).not.toMatch(/'/)
    }
  })

  it('are not written in code: no view has a French or English sentence of its own', () => {
    const sentence = />\s*[A-ZÀ-Ý][a-zà-ÿ]+ [a-zà-ÿ]+[^<>{}]*</
    for (const file of readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.tsx')) continue
      expect(readFileSync(path.join(RENDERER, file), 'utf8'), file).not.toMatch(sentence)
    }
  })

  it('name every check of the diagnosis', () => {
    const checks = functions.diagnose.output.shape.checks.element.shape.check.options
    for (const check of checks) expect(texts.fr.has(`diagnosis.${check}.title`), check).toBe(true)
  })

  it('have a sentence for every user error and every reason why a PC was not enrolled', () => {
    const source = readFileSync(path.resolve(RENDERER, '../main/process/userError.ts'), 'utf8')
    const union = source.slice(source.indexOf('UserErrorCode ='), source.indexOf('export interface'))
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code)
    expect(codes.length).toBeGreaterThan(10)
    const { translateIfKnown: maybe } = createTranslator('fr')
    for (const code of codes)
      expect(maybe(`userError.${code}`, { count: 2, days: 1, detail: 'x', file: 'y' }), code).toBeDefined()
    for (const why of setUpRefusal.options) expect(texts.fr.has(`setUp.why.${why}`), why).toBe(true)
  })

  it('form plurals in both languages', () => {
    const [french, english] = [createTranslator('fr'), createTranslator('en')]
    expect([0, 1, 2].map((count) => french.t('history.found', { count }))).toEqual([
      '0 appel',
      '1 appel',
      '2 appels',
    ])
    expect([0, 1, 2].map((count) => english.t('history.found', { count }))).toEqual([
      '0 calls',
      '1 call',
      '2 calls',
    ])
  })

  it('show names as they are, without reading markup or keys in them', () => {
    const { t } = createTranslator('fr')
    expect(t('call.announce', { phase: 'x', name: '<b>$t(app.name)</b> {{phase}}' })).toContain('<b>')
  })
})

describe('times and numbers', () => {
  it('are short where they run, and plain where they are read', () => {
    expect([0, 59_999, 187_000, 3_765_000].map(clockTime)).toEqual(['0:00', '0:59', '3:07', '1:02:45'])
    expect(formatDuration(40_000, 'fr')).toBe('40\u00a0secondes')
    expect(formatDuration(600_000, 'en')).toBe('10 minutes')
    expect(formatDuration(7_200_000, 'fr')).toBe('2\u00a0heures')
  })

  it('name the day only when it is not today', () => {
    const noon = new Date(2026, 0, 5, 12, 30).getTime()
    expect(callTime(noon, noon + 3_600_000, 'fr')).toBe('12:30')
    expect(callTime(noon, noon + 86_400_000, 'fr')).toBe('lun. 5 janv., 12:30')
  })

  it('show French numbers in pairs, and others as they came', () => {
    expect(formatPhoneNumber('+33240112233')).toBe('02 40 11 22 33'.replaceAll(' ', '\u00a0'))
    expect(formatPhoneNumber('+4930123456')).toBe('+4930123456')
    expect(formatPhoneNumber('201')).toBe('201')
  })
})
