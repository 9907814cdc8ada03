import { wordDistance } from './wordDistance.ts'

/** Word error rate: word edits (in, out, changed) from `expected` to `heard`, per expected word; case and punctuation do not count. */
export function wordErrorRate(expected: string, heard: string): number {
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const right = words(expected)
  return wordDistance(right, words(heard)) / Math.max(1, right.length)
}
