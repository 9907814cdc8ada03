import { describe, expect, it } from 'vitest'
import { en } from '../../src/texts/en.ts'
import { fr } from '../../src/texts/fr.ts'
import { chooseLanguage, createTexts } from '../../src/texts/texts.ts'

const french = createTexts('fr', 'Europe/Paris')
const english = createTexts('en', 'Europe/Paris')

describe('the words of the wallboard', () => {
  it('every text exists in both languages, with the same placeholders', () => {
    const fields = (words: Readonly<Record<string, string>>) =>
      Object.entries(words).map(([key, text]) => [key, [...text.matchAll(/\{\w+\}/g)].map(String).sort()])
    expect(fields(en)).toEqual(fields(fr))
  })

  it('French punctuation stays with its word: no line of the wallboard begins with a colon', () => {
    for (const [key, text] of Object.entries(fr)) expect(text, key).not.toMatch(/ [:;!?%»]|« /)
  })

  it.each([
    ['?lang=en', ['fr-FR'], 'en'],
    ['?lang=fr', ['en-US'], 'fr'],
    ['?lang=tlh', ['en-GB'], 'en'],
    ['', ['de-DE', 'en-US'], 'en'],
    ['', ['de-DE'], 'fr'],
    ['', [], 'fr'],
  ] as const)('the language follows %s, then the browser’s languages: %j → %s', (query, wanted, language) => {
    expect(chooseLanguage(query, wanted)).toBe(language)
  })

  it('plurals follow each language: zero is singular in French', () => {
    expect([0, 1, 2].map((n) => french.plural('calls.more', n))).toEqual([
      '+0 autre appel',
      '+1 autre appel',
      '+2 autres appels',
    ])
    expect(english.plural('calls.more', 0)).toBe('+0 more calls')
  })

  it('running times are written to the second, and never below zero', () => {
    const times = [-3_000, 0, 9_999, 252_000, 3_600_000, 36_061_000].map(french.running)
    expect(times).toEqual(['00:00', '00:00', '00:09', '04:12', '1:00:00', '10:01:01'])
  })

  it('write times at a glance', () => {
    expect([0, 59_000, 60_000, 3_599_000, 7_500_000].map(french.glance)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '59 min',
      '2 h 05',
    ])
  })

  it('write measured waits with one decimal of the language', () => {
    expect([850, 1_240, 61_000].map(french.measured)).toEqual(['850 ms', '1,2 s', '1 min'])
    expect(english.measured(1_240)).toBe('1.2 s')
  })

  it('write the time of day in the zone of the screen', () => {
    const atMs = Date.UTC(2026, 10, 21, 13, 32)
    expect(french.time(atMs)).toBe('14:32')
    expect(createTexts('fr', 'America/Montreal').time(atMs)).toBe('08:32')
    expect(french.day(atMs)).toBe('samedi 21 novembre')
  })
})
