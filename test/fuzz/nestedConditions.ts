/** Throws for 'ninja' at the start only: each further letter is a block of its own, which coverage rewards. */
export function nestedConditions(text: string): void {
  if (!text.startsWith('n')) return
  if (text[1] === 'i') {
    if (text[2] === 'n') {
      if (text[3] === 'j') {
        if (text[4] === 'a') throw new Error('reached')
      }
    }
  }
}
