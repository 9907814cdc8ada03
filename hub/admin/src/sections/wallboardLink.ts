import { enrollResponse, type EnrollRequest } from '@3cx-ninja/protocol'
import { keyAnswer } from '../../../src/http/admin/messages.ts'
import { copyField } from '../draw/copyField.ts'
import { h, put } from '../draw/element.ts'
import { notice } from '../draw/notice.ts'
import { failureNotice } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'

/** A key for one use within the hour, which this page uses at once: only the wallboard's link remains. */
const ONE_WALLBOARD = { role: 'wallboard', uses: 1, days: 0.05 } as const

export function wallboardLink(page: Page, onMade: () => Promise<void>): HTMLElement {
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
    const issued = await api.send('POST', '/api/admin/enrollment-keys', keyAnswer, ONE_WALLBOARD)
    if (!issued.ok) return put(made, failureNotice(texts, issued.refusal))
    const { key, hub } = issued.value
    const request: EnrollRequest = {
      role: 'wallboard',
      secret: key.split('.')[0] ?? '',
      name: wanted,
      machine: 'admin page',
    }
    const enrolled = await api.send('POST', '/api/enroll', enrollResponse, request)
    if (!enrolled.ok) return put(made, failureNotice(texts, enrolled.refusal))
    const link = `${hub}/tv?token=${encodeURIComponent(enrolled.value.token)}`
    put(
      made,
      notice('warn', t('keys.wallboard.once')),
      copyField(page, t('keys.wallboard.link', { name: wanted }), link),
    )
    page.say(t('keys.wallboard.once'))
    name.value = ''
    await onMade()
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
