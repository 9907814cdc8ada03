import { describe, expect, it } from 'vitest'
import { isCountry } from '../src/country.ts'
import { numbersIn } from '../src/findNumbers.ts'
import { digitWritings, normalizeNumber, parseNumber, publicNumber } from '../src/parseNumber.ts'
import { overseasContacts, slashContacts, unknownCountries } from './fieldCases.ts'

describe('a country', () => {
  it.each(unknownCountries)('%s does not exist', (code) => expect(isCountry(code)).toBe(false))
  it.each(['GB', 'FR', 'BE', 'CH', 'LU', 'MC', 'RE'])('%s exists', (code) => expect(isCountry(code)).toBe(true)) // prettier-ignore
})

describe('the number of a field', () => {
  it.each([
    ['+33 (0)2 40 11 22 33', '+33240112233'],
    ['(+33) 2 40 11 22 33', '+33240112233'],
    ['+ 33 2 40 11 22 33', '+33240112233'],
    ['02 40\u00a011\u202f22\u00a033', '+33240112233'],
    ['０２４０１１２２３３', '+33240112233'],
    ['\u202a+33240112233\u202c', '+33240112233'],
    ['tel:+33-2-40-11-22-33', '+33240112233'],
    ['sip:%2B33240112233@192.0.2.10', '+33240112233'],
    ['<sip:+33240112233@192.0.2.10>;tag=1', '+33240112233'],
    ['02 40 11 22 33 poste 12', '+33240112233'],
    ['DUPONT 02 40 11 22 33', '+33240112233'],
    ['+44 20 7946 0958', '+442079460958'],
    ['201', '201'],
    ['10007', '10007'],
    ['*72', '*72'],
  ])('%s is %s in France', (text, number) => expect(normalizeNumber(text, 'FR')).toBe(number))

  it.each([
    undefined,
    '',
    'Anonymous',
    'anonymous@anonymous.invalid',
    'sip:anonymous@192.0.2.10:5060',
    'sip:192.0.2.10:5060',
    'poste 12',
    '02 40 11 22 33 / 06 12 34 56 78',
  ])('%s is no number, or not one', (text) => expect(parseNumber(text, 'FR')).toBeUndefined())

  it('is public or internal', () => {
    expect(publicNumber('201', 'FR')).toBeUndefined()
    expect(publicNumber('0240112233', 'FR')).toBe('+33240112233')
    expect(parseNumber('201', 'FR')).toEqual({ kind: 'internal', digits: '201' })
  })

  it('has no national meaning in a country that does not exist', () => {
    expect(parseNumber('020 7946 0958', 'UK')).toEqual({ kind: 'internal', digits: '02079460958' })
    expect(normalizeNumber('+442079460958', 'UK')).toBe('+442079460958')
  })
})

describe('the numbers of a contact', () => {
  it.each(slashContacts)('%s: %s holds the caller %s', (country, field, caller) => {
    expect(numbersIn(field, country)).toContain(normalizeNumber(caller, country))
  })
  it.each(overseasContacts)('of overseas France, %s, holds the caller %s', (field, caller) => {
    expect(numbersIn(field, 'FR')).toEqual([normalizeNumber(caller, 'FR')])
  })
  it.each([
    ['02 40 11 22 33 / 06 12 34 56 78', ['+33240112233', '+33612345678']],
    ['0240112233/0612345678', ['+33240112233', '+33612345678']],
    ['mobile: 06-12-34-56-78, standard 0240112233', ['+33612345678', '+33240112233']],
    ['02 40 11 22 33 0612345678', ['+33240112233', '+33612345678']],
    ['poste 201 02 40 11 22 33', ['+33240112233']],
    ['02 40 11 22 33; 02 40 11 22 33', ['+33240112233']],
    ['poste 12', []],
    ['', []],
  ])('%s holds %s', (field, numbers) => expect(numbersIn(field, 'FR')).toEqual(numbers))

  it('is one number where spaces surround its slash', () => {
    expect(numbersIn('02 / 512 34 56', 'BE')).toEqual(['+3225123456'])
  })
})

it('is searched by its digits from abroad and as dialed in its country', () => {
  expect(digitWritings('02 40 11 22 33', 'FR')).toEqual(['33240112233', '0240112233'])
  expect(digitWritings('+262 692 11 22 33', 'FR')).toEqual(['262692112233', '0692112233'])
  expect(digitWritings('+3225123456', 'FR')).toEqual(['3225123456', '025123456'])
  expect(digitWritings('201', 'FR')).toEqual(['201'])
  expect(digitWritings('anonymous', 'FR')).toEqual([])
})
