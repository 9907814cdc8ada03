const STORAGE_KEY = 'keys.questionMark'

/**
 * Whether '?' shows the shortcuts. A key that is a character can be turned off (WCAG 2.1.4): who speaks to the computer
 * would open them by a sentence. F1 does the same, always.
 */
export const questionMark = {
  isOn(): boolean {
    try {
      return localStorage.getItem(STORAGE_KEY) !== 'off'
    } catch {
      return true // a browser may close its storage to pages
    }
  },
  set(state: 'on' | 'off'): void {
    try {
      localStorage.setItem(STORAGE_KEY, state)
    } catch {
      // the choice lasts as long as the storage does: not at all
    }
  },
}
