import type { Clock } from '@3cx-ninja/protocol'
import { adminTuning } from '../tuning.ts'
import { button, h, put } from './element.ts'
import { icon } from './icons.ts'

/** A button that acts on the reported event while the toast is visible. */
export interface ToastAction {
  readonly label: string
  readonly act: () => unknown
}

export interface Toast {
  readonly element: HTMLElement
  /** Shows the text and announces it politely. The toast stays while the pointer or the focus is in it. */
  say(text: string, action?: ToastAction): void
}

/** Returns the toast area, which shows only the newest message. */
export function createToast(clock: Clock, closeLabel: string): Toast {
  let cancel: () => void = () => undefined
  const text = h('p', { class: 'toast__text', role: 'status', 'aria-live': 'polite' })
  const buttons = h('div', { class: 'toast__buttons' })
  const close = () => {
    cancel()
    element.hidden = true
    text.textContent = ''
    put(buttons)
  }
  const wait = (ms: number) => {
    cancel()
    cancel = clock.after(ms, close)
  }
  let staysMs: number = adminTuning.toastMs
  const on = {
    pointerenter: () => cancel(),
    focusin: () => cancel(),
    pointerleave: () => wait(staysMs),
    focusout: () => wait(staysMs),
  }
  const element = h('div', { class: 'toast', hidden: true, on }, icon('ok'), text, buttons)
  return {
    element,
    say(said, action) {
      staysMs = action ? adminTuning.toastWithActionMs : adminTuning.toastMs
      element.hidden = false
      text.textContent = said
      put(
        buttons,
        action &&
          button(
            action.label,
            async () => {
              await action.act()
            },
            { class: 'toast__action' },
          ),
        button('×', close, { class: 'toast__action toast__close', 'aria-label': closeLabel }),
      )
      wait(staysMs)
    },
  }
}
