import type { Clock } from '@3cx-ninja/protocol'
import { button, h } from '../draw/element.ts'
import { notice } from '../draw/notice.ts'
import type { Language, Texts } from '../texts/texts.ts'
import { languageChoice } from './choices.ts'

export const LINK_COMMAND = 'npm run hub -- --admin-link'

/** Returns the page without a session: the reason, and the way to a new link. */
export function signedOut(needs: {
  readonly texts: Texts
  readonly clock: Clock
  /** The hub's code, 'unreachable', or 'left' after a sign-out. */
  readonly error: string
  readonly retry: () => Promise<void>
  readonly choose: (language: Language) => void
}): HTMLElement {
  const { texts, error } = needs
  const { t } = texts
  document.title = `${t('signedOut.title')} · 3CX-Ninja Realtime`
  const why = texts.maybe(`signedOut.${error}`) ?? t('signedOut.signed-out')
  const canRetry = error === 'unreachable' || error === 'too-many-attempts'
  return h(
    'main',
    { class: 'alone' },
    h(
      'div',
      { class: 'card alone__card' },
      h('h1', { tabindex: '-1' }, t('signedOut.title')),
      notice(error === 'left' || error === 'signed-out' ? 'info' : 'warn', why),
      canRetry
        ? button(t('retry'), needs.retry, { class: 'button button--primary' })
        : h(
            'div',
            { class: 'stack' },
            h('p', {}, t('signedOut.how')),
            h('pre', { class: 'command', tabindex: '0' }, LINK_COMMAND),
            h('p', { class: 'soft' }, t('signedOut.where')),
          ),
      languageChoice(texts, needs.choose),
    ),
  )
}
