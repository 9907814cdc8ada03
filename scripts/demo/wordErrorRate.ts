/**
 * Returns the word error rate: words added, omitted or changed in `transcribed`, per expected word; case and punctuation do
 * not count. The demonstration measures the worker with a rule of its own, so this is no import of the worker's.
 */
export function wordErrorRate(expected: string, transcribed: string): number {
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const right = words(expected)
  return wordDistance(right, words(transcribed)) / Math.max(1, right.length)
}

/** Returns the fewest words to add, omit or change so that one text becomes the other. Pure; its time grows with both lengths. */
function wordDistance(words: readonly string[], others: readonly string[]): number {
  let row = Array.from({ length: others.length + 1 }, (_, index) => index)
  words.forEach((word, line) => {
    const above = row
    row = [line + 1]
    others.forEach((other, column) => {
      const changed = (above[column] ?? 0) + (word === other ? 0 : 1)
      row.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1))
    })
  })
  return row.at(-1) ?? 0
}
