import './checks.css'
import { Icon, type IconName } from '../../components/Icon.tsx'
import { useSpeech } from '../../i18n/texts.ts'
import type { Check } from '../../../ipc/deskSnapshot.ts'

const ICONS: Readonly<Record<Check['need'], IconName>> = {
  name: 'person',
  organisation: 'building',
  device: 'device',
  callback: 'callback',
  tried: 'tried',
}

/** What a good ticket needs, ticked as it is heard. What was heard stands in the tip. */
export function Checklist({ checks }: { readonly checks: readonly Check[] }) {
  const { t } = useSpeech()
  return (
    <ul className="checks" aria-label={t('check.title')}>
      {checks.map(({ need, state }) => {
        const name = t(`check.need.${need}`)
        const whole =
          state.at === 'known'
            ? t('check.known', { need: name, detail: state.detail, from: t(`check.from.${state.from}`) })
            : t('check.missing', { need: name })
        return (
          <li key={need} className="checks__one" data-known={state.at === 'known'} title={whole}>
            <Icon name={state.at === 'known' ? 'check' : ICONS[need]} />
            <span aria-hidden="true">{name}</span>
            <span className="hidden">{whole}</span>
          </li>
        )
      })}
    </ul>
  )
}
