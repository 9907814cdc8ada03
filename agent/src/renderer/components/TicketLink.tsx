import './button.css'
import { useTranslator } from '../i18n/texts.ts'
import { SHORTCUTS } from '../keys/shortcuts.ts'
import { Caps } from './Caps.tsx'
import { Icon } from './Icon.tsx'

/** Draws the link to a filed ticket as a button; `variant` is 'primary' where the link is the only next step. */
export function TicketLink({
  url,
  variant = 'plain',
}: {
  readonly url: string
  readonly variant?: 'plain' | 'primary'
}) {
  const { t } = useTranslator()
  return (
    <a
      className={`button button--${variant}${variant === 'primary' ? ' button--large' : ''}`}
      href={url}
      target="_blank"
      rel="noreferrer"
      {...(variant === 'primary' ? { 'aria-keyshortcuts': SHORTCUTS.open.aria } : {})}
    >
      <Icon name="external" />
      {t('draft.open')}
      {variant === 'primary' ? <Caps shortcut={SHORTCUTS.open} /> : null}
    </a>
  )
}
