import type { Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import type { Api } from '../api/api.ts'
import { askFirst } from '../draw/dialog.ts'
import { button, h, put } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { createToast, type Toast } from '../draw/toast.ts'
import { helpdesk } from '../sections/helpdesk.ts'
import { keys } from '../sections/keys.ts'
import { clients } from '../sections/clients.ts'
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
  overview, keys, clients, settings, helpdesk, threecx, outbox,
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

interface ShellState {
  readonly needs: ShellNeeds
  readonly main: HTMLElement
  readonly toast: Toast
  readonly links: ReadonlyMap<SectionName, HTMLElement>
  /** Ends the section that is shown. */
  section: AbortController | undefined
  isSaved: () => boolean
  /** The address of the section that is shown. */
  shown: string
}

/**
 * Draws header, navigation and the section that the address names (`#/settings/ninjaone.host`; the first slash may be
 * missing). Returns a function that ends all of it: timers, requests and listeners.
 */
export function drawShell(needs: ShellNeeds): () => void {
  const { window, api, texts, clock } = needs
  const { t } = texts
  const links = new Map(
    SECTIONS.map((name) => [
      name,
      h('a', { href: `#/${name}`, class: 'nav__link' }, icon(name), h('span', {}, t(`nav.${name}`))),
    ]),
  )
  const state: ShellState = {
    needs,
    main: h('main', { id: 'main', class: 'main', tabindex: '-1' }),
    toast: createToast(clock, t('close')),
    links,
    section: undefined,
    isSaved: () => true,
    shown: '',
  }
  drawFrame(state)
  const onHashChange = () => void onHash(state)
  const onLeave = (event: Event) => {
    if (!state.isSaved()) event.preventDefault()
  }
  window.addEventListener('hashchange', onHashChange)
  window.addEventListener('beforeunload', onLeave)
  showSection(state, { isFirst: true })
  const life = new AbortController()
  const refreshBadges = createNavBadges(links, texts, api)
  let cancelRefresh: () => void = () => undefined
  const keepBadges = async () => {
    await refreshBadges(life.signal)
    if (!life.signal.aborted) cancelRefresh = clock.after(adminTuning.badgesMs, () => void keepBadges())
  }
  void keepBadges()
  return () => {
    life.abort()
    cancelRefresh()
    state.section?.abort()
    window.removeEventListener('hashchange', onHashChange)
    window.removeEventListener('beforeunload', onLeave)
  }
}

function drawFrame(state: ShellState): void {
  const { needs, main, toast, links } = state
  const { window, texts } = needs
  const { t } = texts
  const skip = h('a', { class: 'skip', href: '#main' }, t('skip'))
  skip.addEventListener('click', (event) => {
    event.preventDefault()
    main.focus()
  })
  const signOut = async () => {
    if (!state.isSaved() && !(await mayDiscard(texts))) return
    await needs.api.send('DELETE', '/api/admin/session', z.unknown())
    needs.onSignedOut()
  }
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
}

/** Resolves with true when the administrator agrees to discard unsaved changes. */
function mayDiscard({ t }: Texts): Promise<boolean> {
  return askFirst({
    title: t('unsaved.title'),
    text: t('unsaved.text'),
    yes: t('unsaved.yes'),
    no: t('unsaved.no'),
  })
}

function pageOf(state: ShellState, signal: AbortSignal): Page {
  const { api, texts, clock } = state.needs
  return {
    api,
    texts,
    clock,
    signal,
    say: state.toast.say,
    toTop: () => state.main.querySelector<HTMLElement>('h1')?.focus(),
    keepUnless: (isSaved) => (state.isSaved = isSaved),
    watch(refresh) {
      let cancel: () => void = () => undefined
      const turn = async () => {
        await refresh()
        if (!signal.aborted) cancel = clock.after(adminTuning.watchMs, () => void turn())
      }
      signal.addEventListener('abort', () => cancel())
      void turn()
    },
  }
}

function showSection(state: ShellState, { isFirst }: { readonly isFirst: boolean }): void {
  const { needs, main, links } = state
  const { window, texts } = needs
  const { location } = window
  const [asked = '', at] = location.hash.replace(/^#\/?/, '').split('/')
  const name = SECTIONS.find((one) => one === asked) ?? 'overview'
  state.section?.abort()
  state.section = new AbortController()
  state.isSaved = () => true
  state.shown = location.hash
  for (const [one, link] of links) {
    if (one === name) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  window.document.title = `${texts.t(`nav.${name}`)} · 3CX-Ninja`
  put(main, DRAW[name](pageOf(state, state.section.signal), at))
  links.get(name)?.scrollIntoView({ block: 'nearest', inline: 'center' })
  if (isFirst || at !== undefined) return
  window.scrollTo(0, 0)
  main.querySelector<HTMLElement>('h1')?.focus()
}

/** Shows the section of the new address; with unsaved changes it first restores the old address and asks. */
async function onHash(state: ShellState): Promise<void> {
  const { window, texts } = state.needs
  const { location, history } = window
  if (location.hash === state.shown) return
  if (!state.isSaved()) {
    const wanted = location.hash
    history.replaceState(null, '', state.shown || '#overview')
    if (!(await mayDiscard(texts))) return
    history.replaceState(null, '', wanted)
  }
  showSection(state, { isFirst: false })
}
