import { wordDistance } from './wordDistance.ts'

/** Returns the word error rate: words added, omitted or changed in `transcribed`, per expected word; case and punctuation do not count. */
export function wordErrorRate(expected: string, transcribed: string): number {
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const right = words(expected)
  return wordDistance(right, words(transcribed)) / Math.max(1, right.length)
}
