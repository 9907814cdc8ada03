import { expect, it } from 'vitest'
import { splitWords } from '../splitWords.ts'

it.each([
  ['tellAgent', ['tell', 'agent']],
  ['HTTPServerOf', ['http', 'server', 'of']],
  ['lease_taken_at', ['lease', 'taken', 'at']],
  ['lease-offer', ['lease', 'offer']],
  ['KEEP_DECIDED_MS', ['keep', 'decided', 'ms']],
  ['lease.expired', ['lease', 'expired']],
  ['callControl.test.ts', ['call', 'control', 'test', 'ts']],
  ['#part2Open', ['part', 'open']],
])('splits %s into its words', (name, words) => {
  expect(splitWords(name)).toEqual(words)
})
