/** Word error rate: word edits (in, out, changed) from `expected` to `heard`, per expected word; case and punctuation do not count. */
export function wordErrorRate(expected: string, heard: string): number {
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const right = words(expected)
  const got = words(heard)
  let row = Array.from({ length: got.length + 1 }, (_, index) => index)
  right.forEach((word, line) => {
    const above = row
    row = [line + 1]
    got.forEach((other, column) => {
      row.push(
        Math.min(
          (above[column] ?? 0) + (word === other ? 0 : 1),
          (above[column + 1] ?? 0) + 1,
          (row[column] ?? 0) + 1,
        ),
      )
    })
  })
  return (row.at(-1) ?? 0) / Math.max(1, right.length)
}
