import { button, h } from './element.ts'

export interface Question {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly no: string
}

/** Resolves with the answer to a question about an irreversible action. The safe answer has the focus; Escape means no. */
export function askFirst({ title, text, yes, no }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (answer: boolean) => {
      dialog.close()
      dialog.remove()
      resolve(answer)
    }
    const back = button(no, () => end(false), { autofocus: true })
    const dialog = h(
      'dialog',
      {
        class: 'dialog',
        'aria-labelledby': 'dialog-title',
        on: {
          cancel: (event) => {
            event.preventDefault()
            end(false)
          },
        },
      },
      h('h2', { id: 'dialog-title' }, title),
      h('p', {}, text),
      h(
        'div',
        { class: 'actions' },
        back,
        button(yes, () => end(true), { class: 'button button--danger' }),
      ),
    )
    document.body.append(dialog)
    dialog.showModal()
    back.focus()
  })
}
