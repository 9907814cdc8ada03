const STORAGE_KEY = 'keys.questionMark'

/**
 * Stores whether '?' shows the shortcuts. WCAG 2.1.4 demands that a shortcut of one character can be turned off: a user
 * of speech control would open the list by a sentence. F1 always opens it.
 */
export const questionMark = {
  isOn(): boolean {
    try {
      return localStorage.getItem(STORAGE_KEY) !== 'off'
    } catch {
      return true // a browser may deny its storage to pages
    }
  },
  set(state: 'on' | 'off'): void {
    try {
      localStorage.setItem(STORAGE_KEY, state)
    } catch {
      // Without storage the choice is not kept.
    }
  },
}
