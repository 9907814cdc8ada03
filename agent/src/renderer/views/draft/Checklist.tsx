import './checks.css'
import { useState } from 'react'
import { Icon, type IconName } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage } from '../../page/page.ts'
import type { Check } from '../../../ipc/deskSnapshot.ts'

const ICONS: Readonly<Record<Check['need'], IconName>> = {
  name: 'person',
  organization: 'building',
  device: 'device',
  callback: 'callback',
  tried: 'tried',
}

/**
 * Shows what a good ticket needs, ticked as the transcript contains it, and below it the needs that are still open.
 * A need under the pointer or with the focus shows its source, and the transcript marks those words.
 */
export function Checklist({ checks }: { readonly checks: readonly Check[] }) {
  const { t, locale } = useTranslator()
  const { act } = usePage()
  const [highlightedNeed, setHighlightedNeed] = useState<Check['need']>()
  const known = checks.filter(({ state }) => state.at === 'known').length
  const nameOf = (need: Check['need']) => t(`check.need.${need}`)
  const open = checks.filter(({ state }) => state.at === 'open').map(({ need }) => nameOf(need))
  const sentence = ({ need, state }: Check) =>
    state.at === 'known'
      ? t('check.known', { need: nameOf(need), detail: state.detail, from: t(`check.source.${state.from}`) })
      : t('check.missing', { need: nameOf(need) })
  const highlight = (check: Check | undefined) => {
    setHighlightedNeed(check?.need)
    act.highlight(
      check?.state.at === 'known' && check.state.from === 'words' ? check.state.detail : undefined,
    )
  }
  const shown = checks.find(({ need }) => need === highlightedNeed)
  return (
    <div className="checks-box">
      <ul className="checks" aria-label={t('check.title')}>
        {checks.map((check) => (
          <li key={check.need}>
            <button
              type="button"
              className="checks__one"
              data-known={check.state.at === 'known'}
              aria-label={sentence(check)}
              onPointerEnter={() => highlight(check)}
              onPointerLeave={() => highlight(undefined)}
              onFocus={() => highlight(check)}
              onBlur={() => highlight(undefined)}
            >
              <Icon name={check.state.at === 'known' ? 'check' : ICONS[check.need]} />
              {nameOf(check.need)}
            </button>
          </li>
        ))}
      </ul>
      {/* The line always stands there, so that nothing jumps when its text changes. */}
      <p className="checks__message" aria-hidden={shown ? 'true' : undefined}>
        {shown
          ? sentence(shown)
          : open.length === 0
            ? t('check.all')
            : t('check.remaining', {
                known,
                total: checks.length,
                needs: new Intl.ListFormat(locale, { type: 'conjunction' }).format(open),
              })}
      </p>
    </div>
  )
}
