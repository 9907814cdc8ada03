import { describe, expect, test } from 'vitest'
import { filterHallucination } from '../../src/transcribing/hallucinationFilter.ts'
import { aTranscription } from '../../testing/fakeRecognition.ts'

const words = (confidence: number) => [{ text: 'mot', fromMs: 0, toMs: 100, confidence }]

test.each([
  'Bonjour, je vous appelle pour mon imprimante.',
  'Non non non non, pas du tout.',
  'Zéro quatre zéro quatre zéro six douze treize quatorze.',
  'Merci.',
  "Merci d'avoir regardé mon ticket hier.",
  'La musique ne marche plus sur ma tablette.',
])('what people say is taken: %s', (text) => {
  expect(filterHallucination(aTranscription(text))).toBe('accepted')
})

test.each(['', ' ', '…', '- - -', '♪'])('a text without a word is no speech: "%s"', (text) => {
  expect(filterHallucination(aTranscription(text))).toBe('no-words')
})

test.each([
  "Sous-titres réalisés par la communauté d'Amara.org",
  'Sous-titrage ST’ 501',
  'Sous-titrage Société Radio-Canada',
  "Merci d'avoir regardé cette vidéo !",
  'Abonnez-vous à la chaîne',
  'Thanks for watching!',
  'Please subscribe to my channel.',
  '[Musique]',
])('what models invent in silence is dropped: %s', (text) => {
  expect(filterHallucination(aTranscription(text))).toBe('invented')
})

describe('the probability of no speech', () => {
  test('drops a text of which the engine is unsure', () => {
    expect(filterHallucination(aTranscription('Bonjour à tous', { noSpeech: 0.9, words: words(0.2) }))).toBe(
      'invented',
    )
  })
  test('does not drop one of which it is sure, nor one without confidences', () => {
    expect(filterHallucination(aTranscription('Bonjour à tous', { noSpeech: 0.9, words: words(0.9) }))).toBe(
      'accepted',
    )
    expect(filterHallucination(aTranscription('Bonjour à tous', { noSpeech: 0.9 }))).toBe('accepted')
  })
  test('below its threshold it drops nothing', () => {
    expect(filterHallucination(aTranscription('Bonjour à tous', { noSpeech: 0.5, words: words(0.1) }))).toBe(
      'accepted',
    )
  })
})

describe('repetition', () => {
  test.each([1, 2, 3, 4, 5, 6])('a phrase of %i words again and again is a loop', (length) => {
    const phrase = Array.from({ length }, (_, index) => `mot${index}`).join(' ')
    const times = Math.max(4, Math.ceil(8 / length))
    expect(filterHallucination(aTranscription(`Bonjour ${`${phrase} `.repeat(times)}`))).toBe('loops')
  })
  test('three times is what a person may say', () => {
    expect(filterHallucination(aTranscription('je ne sais pas je ne sais pas je ne sais pas vraiment'))).toBe(
      'accepted',
    )
  })
})
