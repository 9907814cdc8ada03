import { expect, it } from 'vitest'
import {
  asksForSecret,
  hasCardCheckDigit,
  maskAnswer,
  maskSecrets,
} from '../../src/transcripts/maskSecrets.ts'

it.each([
  ['Mon mot de passe est Soleil2024.', 'Mon mot de passe est •••.'],
  ['Le mot de passe, c’est Soleil 2024, voilà.', 'Le mot de passe, c’est •••, voilà.'],
  ["Le mot de passe du wifi c'est bonjour le monde.", "Le mot de passe du wifi c'est •••."],
  ['Mot de passe : S majuscule, o, l, tiret, 4, 2. Merci.', 'Mot de passe : •••. Merci.'],
  ['Le code PIN est quatre sept un un.', 'Le code PIN est •••.'],
  ['Mon code secret, c’est quarante-deux, dix-sept.', 'Mon code secret, c’est •••.'],
  ['Code de vérification 482 913.', 'Code de vérification •••.'],
  ['Le cryptogramme est 123.', 'Le cryptogramme est •••.'],
  ['My password is Sunshine1.', 'My password is •••.'],
  ['The access code is four seven one one.', 'The access code is •••.'],
  ['Ma carte est la 4970 1012 3456 7890 ou la 4970 1012 3456 7891.', undefined],
  ['C’est le 4539 1488 0343 6467.', 'C’est le •••.'],
  [
    'Le numéro de ma carte : quarante-neuf soixante-dix, dix-douze, trente-quatre.',
    'Le numéro de ma carte : •••.',
  ],
  ['quatre neuf sept zéro un zéro un deux trois quatre cinq six sept huit neuf zéro', '•••'],
  ['Mon IBAN est FR76 3000 6000 0112 3456 7890 189.', 'Mon IBAN est •••.'],
  ['FR7630006000011234567890189', '•••'],
])('masks the secret in: %s', (text, masked) => {
  if (masked === undefined) {
    // A number is masked as a card only with a card's check digit.
    const kept = maskSecrets(text)
    expect(kept.match(/4970/g)).toHaveLength(2 - ['4970101234567890', '4970101234567891'].filter(hasCardCheckDigit).length) // prettier-ignore
    return
  }
  expect(maskSecrets(text)).toBe(masked)
})

it.each([
  'Le VPN refuse mon mot de passe depuis ce matin.',
  'Vous avez changé de mot de passe la semaine dernière ?',
  'Mon mot de passe est expiré depuis hier.',
  'Le mot de passe n’est pas bon.',
  'Je vais réinitialiser votre mot de passe et vous envoyer un lien.',
  'My password is wrong.',
  'J’ai oublié mon mot de passe.',
  'Au zéro six, vingt-quatre, trente-huit, dix-sept, cinquante-cinq.',
  'Rappelez-moi au 02 40 11 22 33 ou au +33 6 12 34 56 78.',
  'Il est écrit erreur quarante-deux.',
  'Votre dossier porte le numéro sept cent trente.',
  'Nous sommes vingt-trois au premier étage, et il est deux heures et quart.',
  'Le numéro de série est 123456789012.',
  'Le code postal est 44000.',
  'La facture fait deux mille trois cent quarante-cinq euros.',
])('masks nothing in: %s', (text) => {
  expect(maskSecrets(text)).toBe(text)
})

it.each([
  ['Quel est votre mot de passe ?', 'Soleil 2024.', '•••.'],
  ['Pouvez-vous m’épeler le mot de passe ?', 'Oui, c’est S, o, l, e, i, l.', 'Oui, c’est •••.'],
  ['Donnez-moi le code PIN.', 'Alors, quatre sept un un.', 'Alors, •••.'],
  ['What is your password?', 'It’s Sunshine.', 'It’s •••.'],
  ['Quel est votre mot de passe ?', 'Je ne l’ai plus.', 'Je ne l’ai plus.'],
  ['Quel est votre mot de passe ?', 'Pourquoi vous me demandez ça ?', 'Pourquoi vous me demandez ça ?'],
])('masks a secret in the answer to “%s”: %s', (question, answer, masked) => {
  expect(asksForSecret(question)).toBe(true)
  expect(maskAnswer(answer)).toBe(masked)
})

it.each([
  'Vous avez changé de mot de passe ?',
  'Je réinitialise votre mot de passe.',
  'Quel est votre nom ?',
])('sees no request for a secret in: %s', (text) => {
  expect(asksForSecret(text)).toBe(false)
})

it('masks every secret of an utterance as long as the protocol allows', () => {
  const masked = maskSecrets('Le mot de passe est Soleil2024. '.repeat(120))
  expect(masked).not.toContain('Soleil')
  expect(masked.match(/•••/g)).toHaveLength(120)
  for (const text of ['mot de passe '.repeat(120), 'FR76 '.repeat(120), '4 '.repeat(1_900)]) expect(maskSecrets(text).length).toBeGreaterThan(0) // prettier-ignore
})
