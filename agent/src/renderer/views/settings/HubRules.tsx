import { Button } from '../../components/Button.tsx'
import { Icon } from '../../components/Icon.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { useSnapshot } from '../../page/page.ts'

/** Shows the rules that hold for every PC and their source; they cannot be changed here. */
export function HubRules({ onChangeHub }: { readonly onChangeHub: () => void }) {
  const { t, translateIfKnown } = useTranslator()
  const { settings, hub } = useSnapshot()
  const { rules, fields } = settings
  const locked = fields.hub.locked ? translateIfKnown(`settings.locked.${fields.hub.from}`) : undefined
  return (
    <section className="group" aria-labelledby="settings-hub">
      <h2 className="group__title" id="settings-hub">
        {t('settings.rules')}
      </h2>
      <dl className="rules">
        <dt>{t('settings.hub')}</dt>
        <dd>
          {fields.hub.value || t('hub.not-set')}
          {hub.name ? ` (${hub.name})` : ''}
        </dd>
        {rules ? (
          <>
            <dt>{t('settings.countdown')}</dt>
            <dd>
              {rules.countdownMs > 0
                ? t('settings.countdownValue', { seconds: Math.round(rules.countdownMs / 1_000) })
                : t('settings.countdownNone')}
            </dd>
            <dt>{t('settings.consent')}</dt>
            <dd>
              {t(rules.consent.confirmed ? 'settings.consentConfirmed' : 'settings.consentOpen')}
              {' · '}
              {translateIfKnown(`settings.basis.${rules.consent.basis}`) ?? rules.consent.basis}
            </dd>
            {rules.consent.text ? <dd className="rules__text">{rules.consent.text}</dd> : null}
          </>
        ) : null}
      </dl>
      <p className="field__lock">
        <Icon name="lock" />
        {rules ? t('settings.byHub') : t('settings.rulesUnknown')} {locked ?? t('settings.hubHint')}
      </p>
      <div className="group__row">
        <Button onPress={onChangeHub}>{t('settings.changeHub')}</Button>
      </div>
    </section>
  )
}
