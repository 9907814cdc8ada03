import { questionMark } from '../keys/questionMark.ts'
import { meaningOf, type KeyAction, type KeyPress } from '../keys/shortcuts.ts'
import { VIEWS } from '../stores/screenStore.ts'
import type { Page } from './page.ts'

/** Calls the action of every shortcut pressed in the window; an open dialog and the set-up keep their own keys. */
export function installShortcuts({ act, screen }: Page): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || screen.getState().dialog || screen.getState().settingUp) return
    if (event.key === '?' && !questionMark.isOn()) return
    const action = meaningOf({ ...keyPressOf(event), on: focusOf(event.target) })
    if (action && perform(action)) event.preventDefault()
  })
  const onCallView = () => screen.getState().view === 'call'
  const perform = (action: KeyAction): boolean => {
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
      case 'takeBackJoin':
        act.takeBackJoin()
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
        return false // `go` above already opened these views
    }
  }
}

function keyPressOf({
  code,
  key,
  altKey,
  ctrlKey,
  metaKey,
  shiftKey,
  repeat,
}: KeyboardEvent): Omit<KeyPress, 'on'> {
  return { code, key, altKey, ctrlKey, metaKey, shiftKey, repeat }
}

function focusOf(target: EventTarget | null): KeyPress['on'] {
  if (!(target instanceof HTMLElement)) return 'nothing'
  if (target instanceof HTMLTextAreaElement) return 'lines'
  if (target instanceof HTMLInputElement && !['radio', 'checkbox', 'range'].includes(target.type))
    return target.dataset['enter'] === 'own' ? 'control' : 'text'
  if (target.closest('button, a, select, summary, input, [role="option"]')) return 'control'
  return 'nothing'
}
