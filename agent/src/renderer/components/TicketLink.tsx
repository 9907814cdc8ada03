import './button.css'
import { useSpeech } from '../i18n/texts.ts'
import { SHORTCUTS } from '../keys/shortcuts.ts'
import { Caps } from './Caps.tsx'
import { Icon } from './Icon.tsx'

/** A link that looks like what it is for: after filing, the next step. `look`: 'primary' where it is the only one. */
export function TicketLink({
  url,
  look = 'plain',
}: {
  readonly url: string
  readonly look?: 'plain' | 'primary'
}) {
  const { t } = useSpeech()
  return (
    <a
      className={`button button--${look}${look === 'primary' ? ' button--large' : ''}`}
      href={url}
      target="_blank"
      rel="noreferrer"
      {...(look === 'primary' ? { 'aria-keyshortcuts': SHORTCUTS.open.aria } : {})}
    >
      <Icon name="external" />
      {t('draft.open')}
      {look === 'primary' ? <Caps shortcut={SHORTCUTS.open} /> : null}
    </a>
  )
}
