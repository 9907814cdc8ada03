import { expect, it } from 'vitest'
import { CATEGORIES } from '../../src/tickets/analysis/lexicon.ts'
import { en } from '../../src/tickets/texts/en.ts'
import { fr } from '../../src/tickets/texts/fr.ts'
import { ticketTextsOf } from '../../src/tickets/texts/ticketTextsOf.ts'

it('has the same ticket phrases in French and English, none of them empty', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort())
  expect(Object.keys(en.categories).sort()).toEqual(CATEGORIES.map(({ topic }) => topic).sort())
  expect(Object.keys(fr.categories).sort()).toEqual(Object.keys(en.categories).sort())
  const strings = (texts: object) => Object.values(texts).filter((value) => typeof value === 'string')
  for (const text of [...strings(fr), ...strings(en), ...strings(fr.categories), ...strings(en.categories)])
    expect(text).not.toBe('')
})

it('writes tickets in French for the languages fr and auto, and in English for every other', () => {
  expect(ticketTextsOf('fr')).toBe(fr)
  expect(ticketTextsOf('auto')).toBe(fr)
  expect(ticketTextsOf('en')).toBe(en)
  expect(ticketTextsOf('de')).toBe(en)
})
