import type { StandingView } from '../view/standingView.ts'
import { element, setData, setShown, setText, type Drawn } from './element.ts'

export interface StandingActions {
  /** Gives the wall an enrolment key; resolves to what went wrong, '' if nothing did. */
  enrol(key: string): Promise<string>
}

/** The band across the wall that nobody can overlook: cut off, since when, what to do. */
export function drawStanding(document: Document, actions: StandingActions): Drawn<StandingView> {
  const title = element(document, 'strong', 'band__title')
  const detail = element(document, 'span', 'band__detail')
  const retry = element(document, 'span', 'band__retry')
  const label = element(document, 'label', 'band__label')
  const key = element(document, 'input', 'band__key')
  const send = element(document, 'button', 'band__send')
  const trouble = element(document, 'span', 'band__trouble')
  const form = element(document, 'form', 'band__form', [label, key, send, trouble])
  const said = element(document, 'div', 'band__said', [title, detail])
  said.setAttribute('role', 'status')
  const band = element(document, 'section', 'band', [said, retry, form])
  key.id = 'enrolment-key'
  key.autocomplete = 'off'
  key.spellcheck = false
  key.required = true
  label.htmlFor = key.id
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    send.disabled = true
    void actions.enrol(key.value).then((wrong) => {
      send.disabled = false
      setText(trouble, wrong)
    })
  })
  return {
    element: band,
    update(view) {
      setData(band, 'tone', view.tone)
      setShown(band, view.tone === 'cut')
      setText(title, view.title)
      setText(detail, view.detail)
      setText(retry, view.retry)
      setShown(form, view.enrol !== null)
      setText(label, view.enrol?.label ?? '')
      setText(send, view.enrol?.send ?? '')
    },
  }
}
