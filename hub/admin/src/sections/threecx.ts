import { z } from 'zod'
import { threecxAnswer, type Threecx } from '../../../src/http/admin/messages.ts'
import { copyField } from '../draw/copyField.ts'
import { askFirst } from '../draw/dialog.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { notice } from '../draw/notice.ts'
import { failureNotice } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import { callControl } from './callControl.ts'
import { card, heading, steps } from './heading.ts'
import { webhooks } from './webhooks.ts'

/** Address for each technician's 3CX client (Settings → Integration): the caller's number and name, on every edition. */
const CONTACT_URL = '3cx-ninja://call?number=%CallerNumber%&name=%CallerDisplayName%'

/** Returns the 3CX section: the optional sources of calls that the PBX adds to the agents' own detection. */
export function threecx(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const content = h('div', { class: 'stack' })
  const load = async () => {
    const answer = await api.get('/api/admin/3cx', threecxAnswer)
    if (page.signal.aborted) return
    put(content, ...(answer.ok ? draw(page, answer.value) : [failureNotice(texts, answer.refusal)]))
  }
  void load()
  return h(
    'div',
    {},
    heading(t('nav.threecx'), t('threecx.lead')),
    h('div', { class: 'stack' }, content, callControl(page), webhooks(page)),
  )
}

function draw(page: Page, state: Threecx): readonly Child[] {
  const { t } = page.texts
  return [
    notice('info', t('threecx.optional')),
    card(
      t('threecx.template'),
      h('p', { class: 'soft' }, t('threecx.template.text')),
      state.isLoopback && notice('warn', t('threecx.loopback')),
      steps(
        h('div', {}, t('threecx.step.secret'), secretStep(page, state)),
        h(
          'div',
          {},
          t('threecx.step.template'),
          h(
            'p',
            {},
            h(
              'a',
              { class: 'button', href: '/api/admin/3cx/template.xml', download: true },
              t('threecx.download'),
            ),
          ),
        ),
        t('threecx.step.add'),
        t('threecx.step.values'),
        h(
          'div',
          {},
          t(`threecx.step.trust.${state.certificate}`),
          state.certificate === 'own-ca' &&
            h('p', {}, h('a', { href: '/ca.pem', download: 'ca.pem' }, 'ca.pem')),
        ),
      ),
      notice('info', t('threecx.step.update')),
      copyField(page, t('threecx.webhook'), state.webhookUrl),
      h('p', { class: 'soft' }, t('threecx.webhook.text')),
    ),
    card(
      t('threecx.client'),
      h('p', { class: 'soft' }, t('threecx.client.text')),
      copyField(page, t('threecx.client.url'), CONTACT_URL),
    ),
  ]
}

function secretStep(page: Page, state: Threecx): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const result = h(
    'div',
    { class: 'stack' },
    notice(
      state.secretSet ? 'ok' : 'warn',
      t(state.secretSet ? 'threecx.secret.set' : 'threecx.secret.none'),
    ),
  )
  const make = async () => {
    if (state.secretSet) {
      const sure = await askFirst({
        title: t('threecx.secret.title'),
        text: t('threecx.secret.text'),
        yes: t('threecx.secret.replace'),
        no: t('cancel'),
      })
      if (!sure) return
    }
    const webhookSecret = newSecret()
    const answer = await api.send('PUT', '/api/admin/settings', z.unknown(), { threecx: { webhookSecret } })
    if (!answer.ok) return put(result, failureNotice(texts, answer.refusal))
    put(result, notice('warn', t('threecx.secret.once')), copyField(page, t('threecx.secret'), webhookSecret))
    page.say(t('threecx.secret.once'))
  }
  return h(
    'div',
    { class: 'stack' },
    result,
    h(
      'div',
      { class: 'actions' },
      button(t(state.secretSet ? 'threecx.secret.replace' : 'threecx.secret.make'), make),
    ),
  )
}

/** Returns 192 bits as hex: no character in it is special in XML, in a header or in 3CX's brackets. */
function newSecret(): string {
  return [...crypto.getRandomValues(new Uint8Array(24))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
