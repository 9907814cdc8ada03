import { expect, test } from 'vitest'
import { EngineBroken } from '../../src/engines/enginePort.ts'
import { parseVerboseJson } from '../../src/engines/verboseJson.ts'

test('tokens of whisper.cpp become words with times and confidence', () => {
  const answer = {
    text: '  Mon  imprimante\n est éteinte. ',
    segments: [
      {
        no_speech_prob: 0.1,
        words: [
          { word: ' Mon', start: 0, end: 0.3, probability: 0.9 },
          { word: ' impri', start: 0.3, end: 0.6, probability: 0.8 },
          { word: 'mante', start: 0.6, end: 0.9, probability: 0.6 },
        ],
      },
      {
        no_speech_prob: 0.4,
        words: [
          { word: ' est', start: 1, end: 1.1, probability: 1.5 },
          // a letter cut in two by a token boundary
          { word: ' \ufffd', start: 1.1, end: 1.2, probability: 0.5 },
          { word: '\ufffdteinte', start: 1.2, end: 1.15, probability: 0.5 },
          { word: '.', start: 1.4, end: 1.5, probability: 0.5 },
        ],
      },
    ],
  }
  const transcription = parseVerboseJson(JSON.stringify(answer))
  expect(transcription.text).toBe('Mon imprimante est éteinte.')
  expect(transcription.noSpeech).toBe(0.1)
  expect(transcription.words).toEqual([
    { text: 'Mon', fromMs: 0, toMs: 300, confidence: 0.9 },
    { text: 'imprimante', fromMs: 300, toMs: 900, confidence: expect.closeTo(0.7) },
    { text: 'est', fromMs: 1_000, toMs: 1_100, confidence: 1 },
    { text: 'éteinte.', fromMs: 1_100, toMs: 1_500, confidence: 0.5 },
  ])
})

test('whole words beside the segments, as other servers answer them, are used unchanged', () => {
  const words = [
    { word: 'Bonjour', start: 0, end: 0.5 },
    { word: 'Madame', start: 0.5, end: 1 },
  ]
  const transcription = parseVerboseJson(JSON.stringify({ text: 'Bonjour, Madame', words }))
  expect(transcription.words.map(({ text, confidence }) => [text, confidence])).toEqual([
    ['Bonjour,', 1],
    ['Madame', 1],
  ])
  expect(transcription.noSpeech).toBe(0)
})

test('an answer with the text alone is enough', () => {
  expect(parseVerboseJson('{"text":"Bonjour"}')).toEqual({ text: 'Bonjour', words: [], noSpeech: 0 })
})

test.each([
  ['nothing', ''],
  ['a page', '<html><body>502 Bad Gateway</body></html>'],
  ['cut off', '{"text":"Bonj'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a text that is none', '{"text":42}'],
  ['words without their word', '{"text":"a","words":[{"start":0}]}'],
  ['times that are none', '{"text":"a","words":[{"word":"a","start":"0"}]}'],
  ['segments that are none', '{"text":"a","segments":"none"}'],
])('%s is a broken engine, not a text', (_name, text) => {
  expect(() => parseVerboseJson(text)).toThrow(EngineBroken)
})

test('an answer of another shape is reported by its fields, never by the words in it', () => {
  const parse = () => parseVerboseJson('{"text":"mon mot de passe est Soleil","segments":"none"}')
  expect(parse).toThrow(/segments: .*array/)
  expect(parse).not.toThrow(/Soleil/)
})
