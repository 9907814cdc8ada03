import type { StandingView } from '../view/standingView.ts'
import { element, setData, setShown, setText, type Drawn } from './element.ts'

export interface StandingActions {
  /** Enrolls the wallboard with a key; resolves with the failure's text, or '' on success. */
  enroll(key: string): Promise<string>
}

/** Draws the band across a disconnected wallboard: the state, its start, and the remedy. */
export function drawStanding(document: Document, actions: StandingActions): Drawn<StandingView> {
  const title = element(document, 'strong', 'band__title')
  const detail = element(document, 'span', 'band__detail')
  const retry = element(document, 'span', 'band__retry')
  const label = element(document, 'label', 'band__label')
  const key = element(document, 'input', 'band__key')
  const send = element(document, 'button', 'band__send')
  const failure = element(document, 'span', 'band__trouble')
  const form = element(document, 'form', 'band__form', [label, key, send, failure])
  const said = element(document, 'div', 'band__said', [title, detail])
  said.setAttribute('role', 'status')
  const band = element(document, 'section', 'band', [said, retry, form])
  key.id = 'enrollment-key'
  key.autocomplete = 'off'
  key.spellcheck = false
  key.required = true
  label.htmlFor = key.id
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    send.disabled = true
    void actions.enroll(key.value).then((wrong) => {
      send.disabled = false
      setText(failure, wrong)
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
      setShown(form, view.enroll !== null)
      setText(label, view.enroll?.label ?? '')
      setText(send, view.enroll?.send ?? '')
    },
  }
}
