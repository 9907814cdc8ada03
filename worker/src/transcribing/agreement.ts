/** The words at the start that two successive hypotheses agree on (LocalAgreement-2): they rarely change afterwards. */
export function agreedWords(before: readonly string[], now: readonly string[]): readonly string[] {
  const plain = (word: string | undefined) => word?.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  const differs = now.findIndex((word, index) => plain(word) !== plain(before[index]))
  return differs === -1 ? now : now.slice(0, differs)
}
