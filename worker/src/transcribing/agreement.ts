/** Returns the words at the start on which two successive hypotheses agree (LocalAgreement-2): they rarely change afterwards. */
export function agreedWords(previous: readonly string[], current: readonly string[]): readonly string[] {
  const plain = (word: string | undefined) => word?.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  const differs = current.findIndex((word, index) => plain(word) !== plain(previous[index]))
  return differs === -1 ? current : current.slice(0, differs)
}
