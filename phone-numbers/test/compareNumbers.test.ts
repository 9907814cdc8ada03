import { describe, expect, it } from 'vitest'
import { differentNumbers, isListed, sameNumber } from '../src/compareNumbers.ts'
import { belgianOptOut, overseasContacts } from './fieldCases.ts'

describe('the same number', () => {
  it.each(belgianOptOut.callers)(
    '[S3] finds the Belgian subscriber who is never recorded in %s',
    (caller) => {
      const { country, listed } = belgianOptOut
      expect(isListed(caller, [listed], country)).toBe(true)
      expect(sameNumber(caller, listed, country)).toBe(true)
      expect(differentNumbers(caller, listed, country)).toBe(false)
    },
  )

  it('[S3] is another one where the site is in another country', () => {
    expect(isListed('+3225123456', [belgianOptOut.listed], 'FR')).toBe(false)
  })

  it.each(overseasContacts)('is one overseas number of France in %s and %s', (one, other) => {
    expect(sameNumber(one, other, 'FR')).toBe(true)
  })

  it.each([
    ['06 12 34 56 78', '+33612345678', true],
    ['0033612345678', '+33 6 12 34 56 78', true],
    ['+33 (0)6 12 34 56 78', '06.12.34.56.78', true],
    ['33612345678', '0612345678', true],
    ['+33612345679', '+33612345678', false],
    ['+3225123456', '+33225123456', false],
    ['sip:+33240112233@192.0.2.10:5060;user=phone', '02 40 11 22 33', true],
    ['"DUPONT" <+33240112233>', '02 40 11 22 33', true],
    ['0240112233;ext=12', '02 40 11 22 33', true],
    ['201', '201', true],
    ['0201', '201', false],
    ['sip:201@pbx.example', '201', true],
    ['*72', '72', false],
    ['', '', false],
    ['anonymous', 'anonymous', false],
    [undefined, undefined, false],
  ])('[S3] %s and %s in France: %s', (one, other, same) => {
    expect(sameNumber(one, other, 'FR')).toBe(same)
    expect(sameNumber(other, one, 'FR')).toBe(same)
  })

  it('is one number of La Réunion, dialed from La Réunion, from the mainland and from abroad', () => {
    const writings = ['0692 11 22 33', '+262 692 11 22 33', '00262692112233', '+33692112233']
    for (const country of ['RE', 'FR']) for (const one of writings) expect(sameNumber(one, '0692112233', country)).toBe(true) // prettier-ignore
    expect(sameNumber('02 40 11 22 33', '+33240112233', 'RE')).toBe(true)
  })

  it('is one number of Monaco, Luxembourg and Saint-Pierre-et-Miquelon', () => {
    expect(sameNumber('93 15 00 00', '+377 93 15 00 00', 'MC')).toBe(true)
    expect(sameNumber('22 33 44', '00352 22 33 44', 'LU')).toBe(true)
    expect(sameNumber('0508 41 12 34', '+508 41 12 34', 'FR')).toBe(true)
    expect(sameNumber('2011', '+352 2011', 'LU')).toBe(false) // four digits are an extension
  })
})

describe('two numbers that tell two callers apart', () => {
  it.each([
    ['+33612345679', '0612345678', true],
    ['06 12 34 56 78', '+33612345678', false],
    ['anonymous', '+33612345678', false],
    [undefined, '+33612345678', false],
    ['201', '202', true],
    ['201', '+33612345678', true],
  ])('%s and %s: %s', (one, other, apart) => {
    expect(differentNumbers(one, other, 'FR')).toBe(apart)
    expect(differentNumbers(other, one, 'FR')).toBe(apart)
  })

  it('are not told apart by their writing while the country is unknown', () => {
    expect(differentNumbers('0612345678', '+33612345678', '')).toBe(false)
    expect(differentNumbers('+33612345679', '+33612345678', '')).toBe(true)
  })
})

it('a list of numbers is read again for another country', () => {
  const numbers = ['02 512 34 56']
  expect(isListed('+3225123456', numbers, 'FR')).toBe(false)
  expect(isListed('+3225123456', numbers, 'BE')).toBe(true)
})
