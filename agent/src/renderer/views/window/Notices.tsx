import './notices.css'
import { IconButton } from '../../components/Button.tsx'
import { Icon } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { usePage, useScreen } from '../../page/page.ts'

/** Draws the short notices above everything. A notice stays while the pointer or the focus is on it. */
export function Notices() {
  const { t, translateIfKnown } = useTranslator()
  const { notices } = usePage()
  const shown = useScreen((screen) => screen.notices)
  return (
    <div className="notices" role="status">
      {shown.map(({ id, tone, text, action }) => (
        <div
          key={id}
          className="notice"
          data-tone={tone}
          onPointerEnter={() => notices.pin(id)}
          onPointerLeave={() => notices.release(id)}
          onFocus={() => notices.pin(id)}
          onBlur={() => notices.release(id)}
        >
          <Icon name={tone === 'good' ? 'check' : 'alert'} />
          <p className="notice__text">{translateIfKnown(text) ?? text}</p>
          {action ? (
            <button type="button" className="notice__action" onClick={action.act}>
              {translateIfKnown(action.text) ?? action.text}
            </button>
          ) : null}
          <IconButton icon="cross" label={t('app.dismiss')} onPress={() => notices.dismiss(id)} />
        </div>
      ))}
    </div>
  )
}
