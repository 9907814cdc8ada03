import { expect, it } from 'vitest'
import { maskConversation, maskSecrets } from '../../src/masking/maskSecrets.ts'

const asked = (question: string, answer: string) =>
  maskConversation([
    { channel: 'agent', text: question },
    { channel: 'caller', text: answer },
  ])[1]

it.each([
  'On a besoin de 12 ordinateurs portables pour lundi.',
  'La panne dure depuis plus de 45 minutes dans tout le service.',
  'Au lieu de 15 euros par utilisateur et par mois.',
  'Il arrive de 10 à 12 personnes par jour de 2026 à 2027.',
  'LU 12 fois, de 64 à 128 gigaoctets.',
])('[A1] keeps a quantity behind a word that names a country: %s, case 01', (text) => {
  expect(maskSecrets(text)).toBe(text)
})

it.each([
  'Joignable au 06 12 34 56 78 et 02 40 11 22 33.',
  'Le serveur 192.168.100.200 et 192.168.100.201 ne répondent plus.',
  'Les postes 5012, 5013, 5014 et 5015 ne marchent plus.',
  'mon numéro c’est le zéro deux quatre vingt dix sept quatre vingt dix huit quatre vingt dix sept quatre vingt seize',
  'Je l’ai là, quarante-huit mille deux cent treize. Quatre huit deux un trois.',
])('[A1] keeps joined numbers that a helpdesk needs: %s, case 02', (text) => {
  expect(maskSecrets(text)).toBe(text)
})

it.each([
  ['Alors la carte, 4970 1012 3456 7893 12 27.', 'Alors la carte, •••.'],
  ['4970 1012 3456 7893 12 28', '•••'],
  ['4970 1012 3456 7893 12/27 123', '•••'],
  ['C’est 4970101234567893 expire 12 27 code 123.', 'C’est ••• expire ••• code •••.'],
])('[A1] masks a card with its expiry and code: %s, case 03', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked)
})

it.each([
  '4970, 1012, 3456, 7893',
  '4970... 1012... 3456... 7893',
  '4970/1012/3456/7893',
  '4970 euh 1012 euh 3456 euh 7893',
  '4970. 1012. 3456. 7893',
  'quarante-neuf soixante-dix, dix douze, trente-quatre cinquante-six, soixante-dix-huit quatre-vingt-treize',
])('[A1] masks a card over pauses without the word: %s, case 04', (text) => {
  expect(maskSecrets(text)).toBe('•••')
})

it.each([
  ["Mon code PIN c'est le 4711.", "Mon code PIN c'est le •••."],
  ["Le mot de passe c'est le Soleil2024.", "Le mot de passe c'est le •••."],
  ["Le code d'accès au portail est le 1234A.", "Le code d'accès au portail est le •••."],
  ["Mon mot de passe c'est en fait Camille84.", "Mon mot de passe c'est en fait •••."],
  ["Le mot de passe c'est, attendez, Soleil2024.", "Le mot de passe c'est, attendez, •••."],
  ['My password is the Sunshine22.', 'My password is the •••.'],
])('[A1] masks a secret behind an article or a small word: %s, case 05', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked)
})

it.each([
  "le code d'authentification c'est 482 913",
  'votre code de double authentification est 482 913',
  'le code que j’ai reçu par SMS est 482913',
  'le code à six chiffres est 482 913',
  'le code PUK est 12345678',
  'le cryptogramme visuel 123',
  'the one-time code is 482913',
])('[A1] masks a code under another name: %s, case 06', (text) => {
  expect(maskSecrets(text)).toBe(text.replace(/\d[\d ]*\d$/, '•••'))
})

it.each([
  'le mot de passe est arrivé par courrier',
  'le mot de passe est envoyé par mail',
  'le mot de passe est synchronisé avec Azure',
  'le mot de passe c’est réglé',
  'le code c’est 482913',
])('[A1] keeps a sentence that speaks of a secret and holds none: %s, case 06', (text) => {
  expect(maskSecrets(text)).toBe(text)
})

it('[A1] masks digits as a code only where they answer a request for one, case 06', () => {
  expect(asked('Quel est le code ?', 'Le 482 913.')).toBe('Le •••.')
  expect(asked('Quel est le code ?', 'quatre huit deux neuf un trois')).toBe('•••')
  expect(asked('Quel est le code ?', 'Le 12.')).toBe('Le 12.')
  expect(asked('Quel est le code ?', 'Le 482913482913.')).toBe('Le 482913482913.')
  expect(asked('Quel est le code postal ?', 'Le 44000.')).toBe('Le 44000.')
  expect(asked('Quel est le code erreur ?', 'Le 482913.')).toBe('Le 482913.')
  expect(asked('Quel est le ticket ?', 'Le 482913.')).toBe('Le 482913.')
})
