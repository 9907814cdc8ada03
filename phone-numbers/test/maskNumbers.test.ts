import { describe, expect, it } from 'vitest'
import { maskNumber, maskNumberForLog, maskNumbersIn } from '../src/maskNumbers.ts'

describe('a masked number', () => {
  it.each([
    ['0240112233', '+33 ••• 33'],
    ['+33240112233', '+33 ••• 33'],
    ['sip:+33240112233@192.0.2.10:5060;user=phone', '+33 ••• 33'],
    ['+262692112233', '+262 ••• 33'],
    ['02 40 11 22 33 / 06 12 34 56 78', '+33 ••• 33 / +33 ••• 78'],
    ['201', '201'],
    ['10007', '10007'],
    ['1234567', '••• 67'],
    ['99999999999999999999', '••• 99'],
    ['Anonymous', undefined],
    [undefined, undefined],
  ])('of %s is %s', (text, shown) => expect(maskNumber(text, 'FR')).toBe(shown))

  it.each([
    ['+33 2 40 11 22 33', '…33'],
    ['sip:+33240112233@192.0.2.10:5060', '…33'],
    ['Anonymous', '…'],
    [undefined, undefined],
  ])('of %s is %s in the log', (text, shown) => expect(maskNumberForLog(text)).toBe(shown))
})

describe('a name or a title', () => {
  it.each([
    '+33240112233',
    '0240112233',
    '02 40 11 22 33',
    '02.40.11.22.33',
    '02-40-11-22-33',
    '02/40/11/22/33',
    '02_40_11_22_33',
    '(02) 40 11 22 33',
    '+33 (0)2 40 11 22 33',
    '0033 2 40 11 22 33',
    '240112233',
    '０２４０１１２２３３',
    '0 2 4 0 1 1 2 2 3 3',
    '02\u202f40\u00a011 22 33',
  ])('that is the number %s shows as the masked number', (text) => {
    expect(maskNumbersIn(text, 'FR')).toBe('+33 ••• 33')
  })

  it.each([
    ['Rappeler Mme Dupont au 02 40 11 22 33', 'Rappeler Mme Dupont au +33 ••• 33'],
    ['DUPONT (+33240112233)', 'DUPONT (+33 ••• 33)'],
    ['Tel0240112233', 'Tel+33 ••• 33'],
    ['02 40 11 22 33 ou 06 12 34 56 78 : messagerie', '+33 ••• 33 ou +33 ••• 78 : messagerie'],
    ['Poste 201 02 40 11 22 33', 'Poste 201 +33 ••• 33'],
    ['Call from 020 7946 0958', 'Call from ••• 58'],
    ['Appel de +999 123 456 78', 'Appel de ••• 78'],
    ['1234567', '••• 67'],
  ])('%s shows as %s', (text, shown) => expect(maskNumbersIn(text, 'FR')).toBe(shown))

  it.each([
    '',
    'Marie Martin',
    'Imprimante HP 4250 en panne',
    'Poste 201',
    'Panne du 14/03/2026 à 10 h',
    'Sauvegarde 2026-03-14 échouée',
    'Serveur 192.168.1.10 injoignable',
    'Erreur 0x80070005',
    'Série ABC123456789',
    'Mise à jour 10.0.19045',
  ])('%s holds no number and stays', (text) => expect(maskNumbersIn(text, 'FR')).toBe(text))
})

it('masks no network address at the end of a sentence', () => {
  const text = 'Le serveur est en 192.168.100.200.'
  expect(maskNumbersIn(text, 'FR')).toBe(text)
})
