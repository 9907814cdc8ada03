import './settings.css'
import { Caps } from '../../components/Caps.tsx'
import { Choices, SelectField } from '../../components/Field.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { usePage, useSnapshot } from '../../page/page.ts'
import { HubRules } from './HubRules.tsx'
import { PhoneSettings } from './PhoneSettings.tsx'
import { SettingText } from './SettingText.tsx'
import { SoundSettings } from './SoundSettings.tsx'
import { useSetting } from './useSetting.ts'

const LANGUAGES = ['fr', 'en', 'de', 'es', 'it', 'nl', 'pt', 'auto'] as const
const THEMES = ['system', 'light', 'dark'] as const

/** Shows the technician's settings and those that others locked. Every change is saved at once. */
export function SettingsView() {
  const { t } = useTranslator()
  const { screen } = usePage()
  const { version } = useSnapshot()
  return (
    <div className="page">
      <div className="page__inner">
        <h1 className="page__title">{t('settings.title')}</h1>
        <section className="group" aria-labelledby="settings-you">
          <h2 className="group__title" id="settings-you">
            {t('settings.you')}
          </h2>
          <div className="group__pair">
            <SettingText name="name" label={t('settings.name')} maxLength={120} />
            <SettingText
              name="extension"
              label={t('settings.extension')}
              hint={t('settings.extensionHint')}
              error={t('settings.invalidExtension')}
              maxLength={32}
            />
          </div>
          <SettingText
            name="email"
            type="email"
            label={t('settings.email')}
            hint={t('settings.emailHint')}
            error={t('settings.invalidEmail')}
            maxLength={254}
          />
        </section>
        <Display />
        <SoundSettings />
        <PhoneSettings />
        <HubRules onChangeHub={() => screen.setState({ settingUp: true })} />
        <Shortcuts />
        <p className="group__note">{t('settings.version', { version })}</p>
      </div>
    </div>
  )
}

function Display() {
  const { t } = useTranslator()
  const { settings } = useSnapshot()
  const locale = useSetting('locale')
  const theme = useSetting('theme')
  const language = useSetting('language')
  const start = useSetting('startWithSystem')
  const hubLanguage = LANGUAGES.find((each) => each === settings.rules?.language)
  const hubName = hubLanguage ? t(`settings.languages.${hubLanguage}`) : (settings.rules?.language ?? '…')
  return (
    <section className="group" aria-labelledby="settings-display">
      <h2 className="group__title" id="settings-display">
        {t('settings.display')}
      </h2>
      <div className="group__pair">
        <Choices
          label={t('settings.locale')}
          value={locale.value === 'en' ? 'en' : 'fr'}
          choices={[
            { value: 'fr', label: 'Français' },
            { value: 'en', label: 'English' },
          ]}
          locked={locale.locked}
          onChange={locale.save}
        />
        <Choices
          label={t('settings.theme')}
          value={THEMES.find((each) => each === theme.value) ?? 'system'}
          choices={THEMES.map((value) => ({ value, label: t(`settings.themes.${value}`) }))}
          locked={theme.locked}
          onChange={theme.save}
        />
      </div>
      <SelectField
        label={t('settings.language')}
        value={language.value}
        locked={language.locked}
        choices={[
          { value: '', label: t('settings.languageHub', { language: hubName }) },
          ...LANGUAGES.map((value) => ({ value, label: t(`settings.languages.${value}`) })),
        ]}
        onChange={language.save}
      />
      {settings.app === 'desktop' ? (
        <Choices
          label={t('settings.startWithSystem')}
          value={start.value === 'no' ? 'no' : 'yes'}
          choices={(['yes', 'no'] as const).map((value) => ({ value, label: t(`settings.${value}`) }))}
          locked={start.locked}
          onChange={start.save}
        />
      ) : null}
    </section>
  )
}

function Shortcuts() {
  const { t } = useTranslator()
  return (
    <section className="group" aria-labelledby="settings-keys">
      <h2 className="group__title" id="settings-keys">
        {t('settings.shortcuts')}
      </h2>
      <ul className="shortcuts">
        {Object.values(SHORTCUTS).map((shortcut) => (
          <li key={shortcut.textKey} className="shortcuts__one">
            {t(shortcut.textKey)}
            <Caps shortcut={shortcut} />
            <span className="hidden">{shortcut.aria}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
