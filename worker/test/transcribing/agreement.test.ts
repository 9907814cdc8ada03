import { expect, test } from 'vitest'
import { agreedWords } from '../../src/transcribing/agreement.ts'

const agree = (before: string, now: string) => agreedWords(before.split(' '), now.split(' ')).join(' ')

test('the words at the start on which two hypotheses agree are shown, as the newer writes them', () => {
  expect(agree('bonjour je suis', 'Bonjour, je vais bien')).toBe('Bonjour, je')
})

test('a hypothesis that only grows is shown up to what was there before', () => {
  expect(agree('bonjour je', 'bonjour je vais bien')).toBe('bonjour je')
})

test('nothing is shown of a first hypothesis, and nothing where the start changed', () => {
  expect(agreedWords([], ['bonjour'])).toEqual([])
  expect(agree('bonsoir je', 'bonjour je')).toBe('')
})

test('the same hypothesis twice is shown whole', () => {
  expect(agree('ça marche !', 'ça marche !')).toBe('ça marche !')
})
