import type { TextKey } from '../i18n/texts.ts'

type Cap = 'alt' | 'ctrl' | 'enter' | 'escape' | 'arrows' | (string & {})

export interface Shortcut {
  readonly textKey: Extract<TextKey, `keys.${string}`>
  /** The keys to press together. */
  readonly caps: readonly Cap[]
  /** The value of `aria-keyshortcuts`. */
  readonly aria: string
}

/** All shortcuts of the window, in the order of the settings. Letters need Alt, so that neither speech control nor typing triggers them. */
export const SHORTCUTS = {
  call: { textKey: 'keys.view-call', caps: ['alt', '1'], aria: 'Alt+1' },
  history: { textKey: 'keys.view-history', caps: ['alt', '2'], aria: 'Alt+2' },
  settings: { textKey: 'keys.view-settings', caps: ['alt', '3'], aria: 'Alt+3' },
  diagnosis: { textKey: 'keys.view-diagnosis', caps: ['alt', '4'], aria: 'Alt+4' },
  pause: { textKey: 'keys.pause', caps: ['alt', 'P'], aria: 'Alt+P' },
  mark: { textKey: 'keys.mark', caps: ['alt', 'M'], aria: 'Alt+M' },
  manual: { textKey: 'keys.manual', caps: ['alt', 'S'], aria: 'Alt+S' },
  erase: { textKey: 'keys.erase', caps: ['alt', 'X'], aria: 'Alt+X' },
  takeBackJoin: { textKey: 'keys.takeBackJoin', caps: ['alt', 'J'], aria: 'Alt+J' },
  file: { textKey: 'keys.file', caps: ['enter'], aria: 'Enter' },
  fileAnywhere: { textKey: 'keys.fileAnywhere', caps: ['ctrl', 'enter'], aria: 'Control+Enter' },
  hold: { textKey: 'keys.hold', caps: ['escape'], aria: 'Escape' },
  undo: { textKey: 'keys.undo', caps: ['alt', 'Z'], aria: 'Alt+Z' },
  find: { textKey: 'keys.find', caps: ['alt', 'F'], aria: 'Alt+F' },
  open: { textKey: 'keys.open', caps: ['alt', 'O'], aria: 'Alt+O' },
  help: { textKey: 'keys.help', caps: ['F1'], aria: 'F1' },
} as const satisfies Record<string, Shortcut>

/** The parts of a key event that decide its meaning. */
export interface KeyPress {
  readonly code: string
  readonly key: string
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly repeat: boolean
  /** The kind of element that has the focus. */
  readonly on: 'nothing' | 'text' | 'lines' | 'control'
}

export type KeyAction = keyof typeof SHORTCUTS

/** Returns the action of a key, or undefined: Enter belongs to a button, a link or a description that has the focus. */
export function meaningOf(press: KeyPress): KeyAction | undefined {
  if (press.repeat) return undefined
  if (press.key === 'F1') return 'help'
  // Many keyboards type '?' with Shift, so Shift is allowed; in a text it stays a question mark.
  if (press.key === '?' && !press.altKey && !press.ctrlKey)
    return press.on === 'nothing' || press.on === 'control' ? 'help' : undefined
  if (press.metaKey || press.shiftKey) return undefined
  if (press.altKey && !press.ctrlKey) return ALT[press.code]
  if (press.key === 'Enter') {
    if (press.ctrlKey) return 'fileAnywhere'
    return press.on === 'nothing' || press.on === 'text' ? 'file' : undefined
  }
  if (press.key === 'Escape' && !press.ctrlKey) return 'hold'
  return undefined
}

const ALT: Readonly<Record<string, KeyAction>> = {
  Digit1: 'call',
  Digit2: 'history',
  Digit3: 'settings',
  Digit4: 'diagnosis',
  KeyP: 'pause',
  KeyM: 'mark',
  KeyS: 'manual',
  KeyX: 'erase',
  KeyJ: 'takeBackJoin',
  KeyZ: 'undo',
  KeyO: 'open',
  KeyF: 'find',
}
