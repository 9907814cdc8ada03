import type { Clock } from '@3cx-ninja/protocol'
import { createApi, type Api } from './api/api.ts'
import { beginSession } from './api/session.ts'
import { browserClock } from './clock.ts'
import { put } from './draw/element.ts'
import { drawShell } from './shell/shell.ts'
import { signedOut } from './shell/signedOut.ts'
import { chooseLanguage, createTexts, type Language, type Texts } from './texts/texts.ts'

const LANGUAGE = 'admin.language'
const THEME = 'admin.theme'

/**
 * Starts the page: draws the sections once a session is open, or a page that explains how to get a link. Knows nothing of
 * the sections' content: that lives in `sections/`.
 */
export function startPage(window: Window): void {
  const { document, location, history, localStorage, navigator } = window
  const clock: Clock = browserClock
  const query = new URLSearchParams(location.search)
  let texts: Texts = createTexts(
    chooseLanguage([query.get('lang'), localStorage.getItem(LANGUAGE), ...navigator.languages]),
  )
  let csrf = ''
  let leave: () => void = () => undefined
  const api: Api = createApi({
    clock,
    csrf: () => csrf,
    onSignedOut: () => csrf && showSignedOut('signed-out'),
  })

  const showSignedOut = (error: string) => {
    csrf = ''
    leave()
    document.documentElement.lang = texts.language
    put(document.body, signedOut({ texts, clock, error, retry: begin, choose }))
    document.querySelector<HTMLElement>('h1')?.focus()
  }
  const showSections = () => {
    leave()
    document.documentElement.lang = texts.language
    leave = drawShell({
      window,
      api,
      texts,
      clock,
      theme: localStorage.getItem(THEME) ?? 'auto',
      choose,
      wear,
      onSignedOut: () => showSignedOut('left'),
    })
  }
  const choose = (language: Language) => {
    localStorage.setItem(LANGUAGE, language)
    texts = createTexts(language)
    if (csrf) showSections()
    else void begin()
  }
  const wear = (theme: string) => {
    localStorage.setItem(THEME, theme)
    document.documentElement.dataset['theme'] = theme
  }
  const begin = async () => {
    const begun = await beginSession(api, new URLSearchParams(location.search).get('once') ?? undefined)
    if (begun.ok || begun.refusal.error !== 'unreachable') forgetCode()
    if (!begun.ok) return showSignedOut(begun.refusal.error)
    csrf = begun.value.csrf
    showSections()
  }
  /** A spent code is useless, so it leaves the address bar and the history too. */
  const forgetCode = () => {
    const rest = new URLSearchParams(location.search)
    if (!rest.has('once')) return
    rest.delete('once')
    const left = rest.toString()
    history.replaceState(null, '', `${location.pathname}${left ? `?${left}` : ''}${location.hash}`)
  }

  wear(localStorage.getItem(THEME) ?? 'auto')
  void begin()
}
