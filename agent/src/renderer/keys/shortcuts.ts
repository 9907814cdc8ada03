import type { TextKey } from '../i18n/texts.ts'
import type { Page } from '../page/page.ts'
import { VIEWS } from '../stores/screenStore.ts'
import { questionMark } from './questionMark.ts'

type Cap = 'alt' | 'ctrl' | 'enter' | 'escape' | 'arrows' | (string & {})

export interface Shortcut {
  readonly does: Extract<TextKey, `keys.${string}`>
  /** The caps to press together. */
  readonly caps: readonly Cap[]
  /** For `aria-keyshortcuts`. */
  readonly aria: string
}

/** All keys of the window, as the settings list them. Letters need Alt, so that speech control and typing never meet them. */
export const SHORTCUTS = {
  call: { does: 'keys.view-call', caps: ['alt', '1'], aria: 'Alt+1' },
  history: { does: 'keys.view-history', caps: ['alt', '2'], aria: 'Alt+2' },
  settings: { does: 'keys.view-settings', caps: ['alt', '3'], aria: 'Alt+3' },
  diagnosis: { does: 'keys.view-diagnosis', caps: ['alt', '4'], aria: 'Alt+4' },
  pause: { does: 'keys.pause', caps: ['alt', 'P'], aria: 'Alt+P' },
  mark: { does: 'keys.mark', caps: ['alt', 'M'], aria: 'Alt+M' },
  manual: { does: 'keys.manual', caps: ['alt', 'S'], aria: 'Alt+S' },
  erase: { does: 'keys.erase', caps: ['alt', 'X'], aria: 'Alt+X' },
  file: { does: 'keys.file', caps: ['enter'], aria: 'Enter' },
  fileAnywhere: { does: 'keys.fileAnywhere', caps: ['ctrl', 'enter'], aria: 'Control+Enter' },
  hold: { does: 'keys.hold', caps: ['escape'], aria: 'Escape' },
  undo: { does: 'keys.undo', caps: ['alt', 'Z'], aria: 'Alt+Z' },
  find: { does: 'keys.find', caps: ['alt', 'F'], aria: 'Alt+F' },
  open: { does: 'keys.open', caps: ['alt', 'O'], aria: 'Alt+O' },
  help: { does: 'keys.help', caps: ['F1'], aria: 'F1' },
} as const satisfies Record<string, Shortcut>

/** The parts of a key event that decide. */
export interface Pressed {
  readonly code: string
  readonly key: string
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly repeat: boolean
  /** Where the focus is. */
  readonly on: 'nothing' | 'text' | 'lines' | 'control'
}

export type KeyAction = keyof typeof SHORTCUTS

/** What a key means. Enter on a button, a link or in a description is theirs. */
export function meaningOf(pressed: Pressed): KeyAction | undefined {
  if (pressed.repeat) return undefined
  if (pressed.key === 'F1') return 'help'
  // On many keyboards with Shift; in a text it is a question mark.
  if (pressed.key === '?' && !pressed.altKey && !pressed.ctrlKey)
    return pressed.on === 'nothing' || pressed.on === 'control' ? 'help' : undefined
  if (pressed.metaKey || pressed.shiftKey) return undefined
  if (pressed.altKey && !pressed.ctrlKey) return ALT[pressed.code]
  if (pressed.key === 'Enter') {
    if (pressed.ctrlKey) return 'fileAnywhere'
    return pressed.on === 'nothing' || pressed.on === 'text' ? 'file' : undefined
  }
  if (pressed.key === 'Escape' && !pressed.ctrlKey) return 'hold'
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
  KeyZ: 'undo',
  KeyO: 'open',
  KeyF: 'find',
}

/** Listens to the whole window. An open dialog has its own keys. */
export function installShortcuts({ act, screen }: Page): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || screen.getState().dialog || screen.getState().settingUp) return
    if (event.key === '?' && !questionMark.isOn()) return
    const action = meaningOf({ ...pick(event), on: focusOf(event.target) })
    if (action && carryOut(action)) event.preventDefault()
  })
  const onCallView = () => screen.getState().view === 'call'
  const carryOut = (action: KeyAction): boolean => {
    const view = VIEWS.find((each) => each === action)
    if (view) {
      act.go(view)
      return true
    }
    switch (action) {
      case 'pause':
        act.pauseOrResume()
        return true
      case 'mark':
        act.mark()
        return true
      case 'manual':
        act.startOrStop()
        return true
      case 'erase':
        act.askErase()
        return true
      case 'undo':
        return act.undo()
      case 'open':
        return onCallView() && act.openTicket()
      case 'find':
        act.find()
        return true
      case 'help':
        act.showKeys()
        return true
      case 'file':
      case 'fileAnywhere':
        return onCallView() && act.file()
      case 'hold':
        return onCallView() && act.hold()
      case 'call':
      case 'history':
      case 'settings':
      case 'diagnosis':
        return false // gone to above
    }
  }
}

function pick({ code, key, altKey, ctrlKey, metaKey, shiftKey, repeat }: KeyboardEvent): Omit<Pressed, 'on'> {
  return { code, key, altKey, ctrlKey, metaKey, shiftKey, repeat }
}

function focusOf(target: EventTarget | null): Pressed['on'] {
  if (!(target instanceof HTMLElement)) return 'nothing'
  if (target instanceof HTMLTextAreaElement) return 'lines'
  if (target instanceof HTMLInputElement && !['radio', 'checkbox', 'range'].includes(target.type))
    return target.dataset['enter'] === 'own' ? 'control' : 'text'
  if (target.closest('button, a, select, summary, input, [role="option"]')) return 'control'
  return 'nothing'
}
