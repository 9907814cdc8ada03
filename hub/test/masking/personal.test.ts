import { expect, it } from 'vitest'
import { maskPersonal, maskPersonalIn, withoutPersonal } from '../../src/masking/maskPersonal.ts'

it.each([
  ['Rappelez-moi au 06 12 34 56 78.', 'Rappelez-moi au +33 ••• 78.'],
  ['au zéro six douze trente-quatre cinquante-six soixante-dix-huit, merci', 'au +33 ••• 78, merci'],
  [
    'zéro deux quatre vingt dix sept quatre vingt dix huit quatre vingt dix sept quatre vingt seize',
    '+33 ••• 96',
  ],
  ['plus trente-trois six douze trente-quatre cinquante-six soixante-dix-huit', '+33 ••• 78'],
  ['Mon numéro de sécu, 1 85 05 78 006 084 36.', 'Mon numéro de sécu, •••.'],
  ['Mon numéro national est 85.07.30-033.28.', 'Mon numéro national est •••.'],
  ['AVS 756.9217.0769.85', 'AVS •••'],
  ['Écrivez à a.jacquemin@saint-verand.fr, merci.', 'Écrivez à •••, merci.'],
  ['a point jacquemin, j a c q u e m i n, arobase saint-verand point fr', '•••'],
  ['It is john dot doe at example dot com.', 'It is •••.'],
  ['Je suis né le 12 mars 1985 à Nantes.', 'Je suis né le ••• à Nantes.'],
  ['Ma date de naissance, c’est le douze mars quatre-vingt-cinq.', 'Ma date de naissance, c’est le •••.'],
  ['Born on March 12th 1985.', 'Born on •••.'],
])('[9.8] masks personal data: %s', (text, shown) => {
  expect(maskPersonalIn(text, 'FR')).toBe(shown)
})

it.each([
  'Le ticket 48213, quarante-huit mille deux cent treize.',
  'Rendez-vous le 12 mars à 14 heures.',
  'La version 10.0.19045 est trop ancienne, le serveur est en 192.168.100.20',
  'We meet at the office at ten.',
  'Erreur zéro zéro sept sur le poste 1204.',
])('[9.8] keeps what identifies nobody: %s', (text) => {
  expect(maskPersonalIn(text, 'FR')).toBe(text)
})

it('[9.8] masks a number that is read out over several utterances, and a date that answers a question', () => {
  const said = [
    { channel: 'caller', text: 'zéro six douze' },
    { channel: 'agent', text: 'Oui.' },
    { channel: 'caller', text: 'trente-quatre 56 78' },
    { channel: 'agent', text: 'Votre date de naissance ?' },
    { channel: 'caller', text: 'Le 12/03/1985.' },
  ] as const
  expect(maskPersonal(said, 'FR')).toEqual([
    '•••',
    'Oui.',
    '+33 ••• 78',
    'Votre date de naissance ?',
    'Le •••.',
  ])
})

it('[9.8] leaves utterances without personal data as they are, and takes the times of words from the others', () => {
  const words = [{ text: 'mot' }]
  const said = [
    { channel: 'caller' as const, text: 'Bonjour.', words },
    { channel: 'caller' as const, text: 'Le 06 12 34 56 78.', words },
  ]
  const shown = withoutPersonal(said, 'FR')
  expect(shown[0]).toBe(said[0])
  expect(shown[1]).toEqual({ channel: 'caller', text: 'Le +33 ••• 78.', words: [] })
})
