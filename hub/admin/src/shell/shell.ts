import type { Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import type { Api } from '../api/api.ts'
import { askFirst } from '../draw/dialog.ts'
import { button, h, put } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { createToast } from '../draw/toast.ts'
import { helpdesk } from '../sections/helpdesk.ts'
import { keys } from '../sections/keys.ts'
import { members } from '../sections/members.ts'
import { outbox } from '../sections/outbox.ts'
import { overview } from '../sections/overview.ts'
import { settings } from '../sections/settings.ts'
import { threecx } from '../sections/threecx.ts'
import type { Language, Texts } from '../texts/texts.ts'
import { adminTuning } from '../tuning.ts'
import { languageChoice, themeChoice } from './choices.ts'
import { createNavBadges } from './navBadges.ts'
import { SECTIONS, type Page, type Section, type SectionName } from './page.ts'

const DRAW: Readonly<Record<SectionName, Section>> = {
  overview, keys, members, settings, helpdesk, threecx, outbox,
} // prettier-ignore

export interface ShellNeeds {
  readonly window: Window
  readonly api: Api
  readonly texts: Texts
  readonly clock: Clock
  readonly theme: string
  readonly choose: (language: Language) => void
  readonly wear: (theme: string) => void
  readonly onSignedOut: () => void
}

/** Header, navigation and the section that the address names (`#/settings/ninjaone.host`; the first slash may be missing). Returns what ends it all. */
export function drawShell(needs: ShellNeeds): () => void {
  const { window, api, texts, clock } = needs
  const { t } = texts
  const { location } = window
  const toast = createToast(clock, t('close'))
  const main = h('main', { id: 'main', class: 'main', tabindex: '-1' })
  const links = new Map(
    SECTIONS.map((name) => [
      name,
      h('a', { href: `#/${name}`, class: 'nav__link' }, icon(name), h('span', {}, t(`nav.${name}`))),
    ]),
  )
  let section: AbortController | undefined
  let isSaved = () => true
  let shown = ''

  const signOut = async () => {
    if (!isSaved() && !(await mayLose())) return
    await api.send('DELETE', '/api/admin/session', z.unknown())
    needs.onSignedOut()
  }
  const skip = h('a', { class: 'skip', href: '#main' }, t('skip'))
  skip.addEventListener('click', (event) => {
    event.preventDefault()
    main.focus()
  })
  put(
    window.document.body,
    skip,
    h(
      'header',
      { class: 'head' },
      h(
        'a',
        { href: '#overview', class: 'head__name' },
        '3CX-Ninja',
        h('span', { class: 'head__part' }, t('title')),
      ),
      h(
        'div',
        { class: 'head__tools' },
        languageChoice(texts, needs.choose),
        themeChoice(texts, needs.theme, needs.wear),
        button(t('signOut'), signOut, { class: 'button button--small' }),
      ),
    ),
    h('div', { class: 'body' }, h('nav', { class: 'nav', 'aria-label': t('nav') }, ...links.values()), main),
    toast.element,
  )

  const mayLose = () =>
    askFirst({
      title: t('unsaved.title'),
      text: t('unsaved.text'),
      yes: t('unsaved.yes'),
      no: t('unsaved.no'),
    })
  const pageOf = (signal: AbortSignal): Page => ({
    api,
    texts,
    clock,
    signal,
    say: toast.say,
    toTop: () => main.querySelector<HTMLElement>('h1')?.focus(),
    keepUnless: (saved) => (isSaved = saved),
    watch(ask) {
      let cancel: () => void = () => undefined
      const turn = async () => {
        await ask()
        if (!signal.aborted) cancel = clock.after(adminTuning.watchMs, () => void turn())
      }
      signal.addEventListener('abort', () => cancel())
      void turn()
    },
  })
  const show = (isFirst: boolean) => {
    const [asked = '', at] = location.hash.replace(/^#\/?/, '').split('/')
    const name = SECTIONS.find((one) => one === asked) ?? 'overview'
    section?.abort()
    section = new AbortController()
    isSaved = () => true
    shown = location.hash
    for (const [one, link] of links) {
      if (one === name) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    window.document.title = `${t(`nav.${name}`)} · 3CX-Ninja`
    put(main, DRAW[name](pageOf(section.signal), at))
    links.get(name)?.scrollIntoView({ block: 'nearest', inline: 'center' })
    if (isFirst) return
    if (at === undefined) window.scrollTo(0, 0)
    if (at === undefined) main.querySelector<HTMLElement>('h1')?.focus()
  }
  const onHash = async () => {
    if (location.hash === shown) return
    if (!isSaved()) {
      const wanted = location.hash
      window.history.replaceState(null, '', shown || '#overview')
      if (!(await mayLose())) return
      window.history.replaceState(null, '', wanted)
    }
    show(false)
  }
  const onHashChange = () => void onHash()
  const onLeave = (event: Event) => {
    if (!isSaved()) event.preventDefault()
  }
  window.addEventListener('hashchange', onHashChange)
  window.addEventListener('beforeunload', onLeave)
  show(true)
  const life = new AbortController()
  const ask = createNavBadges(links, texts, api)
  let cancelAsk: () => void = () => undefined
  const askAgain = async () => {
    await ask(life.signal)
    if (!life.signal.aborted) cancelAsk = clock.after(adminTuning.badgesMs, () => void askAgain())
  }
  void askAgain()
  return () => {
    life.abort()
    cancelAsk()
    section?.abort()
    window.removeEventListener('hashchange', onHashChange)
    window.removeEventListener('beforeunload', onLeave)
  }
}
