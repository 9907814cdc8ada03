import { useRef, type KeyboardEvent } from 'react'
import './nav.css'
import { Icon, type IconName } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { usePage, useScreen, useSnapshot } from '../../page/page.ts'
import { VIEWS, type ViewName } from '../../stores/screenStore.ts'
import { FILEABLE } from '../../page/draftActions.ts'

const ICONS: Readonly<Record<ViewName, IconName>> = {
  call: 'phone',
  history: 'history',
  settings: 'settings',
  diagnosis: 'diagnosis',
}
const STEP: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** Draws the views' buttons with one Tab stop; arrow keys move between them. */
export function Nav() {
  const { t } = useTranslator()
  const { act } = usePage()
  const view = useScreen((screen) => screen.view)
  const { drafts } = useSnapshot()
  const list = useRef<HTMLUListElement>(null)
  const waiting = drafts.filter(({ draft }) => FILEABLE.includes(draft.state.at)).length
  const move = (event: KeyboardEvent, at: number) => {
    const step = STEP[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = (at + step + VIEWS.length) % VIEWS.length
    list.current?.querySelectorAll('button')[next]?.focus()
  }
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      <ul className="nav__list" ref={list}>
        {VIEWS.map((name, at) => (
          <li key={name}>
            <button
              type="button"
              className="nav__one"
              aria-current={name === view ? 'page' : undefined}
              aria-keyshortcuts={SHORTCUTS[name].aria}
              title={`${t(`nav.${name}`)} (${SHORTCUTS[name].aria})`}
              tabIndex={name === view ? 0 : -1}
              onClick={() => act.go(name)}
              onKeyDown={(event) => move(event, at)}
            >
              <Icon name={ICONS[name]} />
              {t(`nav.${name}`)}
              {name === 'call' && waiting > 0 ? <span className="nav__mark">{waiting}</span> : null}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}
