import { linkAnswer } from '../../../src/http/admin/messages.ts'
import { copyField } from '../draw/copyField.ts'
import { h, put } from '../draw/element.ts'
import { notice } from '../draw/notice.ts'
import { failureNotice } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'

/** Creates a link that puts the wallboard onto one screen, once, within an hour. */
export function wallboardLink(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const name = h('input', {
    id: 'wallboard-name',
    class: 'input',
    autocomplete: 'off',
    maxlength: '120',
    required: true,
    'aria-describedby': 'wallboard-fault',
  })
  const fault = h('p', { id: 'wallboard-fault', class: 'fault' })
  const made = h('div', { class: 'stack' })
  const submit = h('button', { type: 'submit', class: 'button' }, t('keys.wallboard.make'))
  const make = async () => {
    const wanted = name.value.trim()
    fault.textContent = wanted === '' ? t('keys.wallboard.noName') : ''
    name.setAttribute('aria-invalid', String(wanted === ''))
    if (wanted === '') return name.focus()
    const answer = await api.send('POST', '/api/admin/wallboard-links', linkAnswer, { name: wanted })
    if (!answer.ok) return put(made, failureNotice(texts, answer.refusal))
    put(
      made,
      notice('warn', t('keys.wallboard.once')),
      copyField(page, t('keys.wallboard.link', { name: wanted }), answer.value.link),
    )
    page.say(t('keys.wallboard.once'))
    name.value = ''
  }
  return h(
    'div',
    { class: 'stack' },
    h(
      'form',
      {
        class: 'form-row',
        novalidate: true,
        on: {
          submit: (event) => {
            event.preventDefault()
            submit.disabled = true
            void make().finally(() => (submit.disabled = false))
          },
        },
      },
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'wallboard-name' }, t('keys.wallboard.name')),
        name,
        fault,
      ),
      h('div', { class: 'field field--button' }, submit),
    ),
    made,
  )
}
