import '@fontsource-variable/inter'
import './tokens.css'
import './style/base.css'
import './style/window.css'
import { useEffect, useMemo } from 'react'
import type { DeskSnapshot } from '../ipc/deskSnapshot.ts'
import { formatPhoneNumber } from './i18n/format.ts'
import { createTranslator, TranslatorProvider, useTranslator, type Locale } from './i18n/texts.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import { PageProvider, useDesk, useScreen, type Page } from './page/page.ts'
import { CallView } from './views/call/CallView.tsx'
import { DiagnosisView } from './views/diagnosis/DiagnosisView.tsx'
import { HistoryView } from './views/history/HistoryView.tsx'
import { SettingsView } from './views/settings/SettingsView.tsx'
import { SetUpView } from './views/setup/SetUpView.tsx'
import { Bands } from './views/window/Bands.tsx'
import { Bar } from './views/window/Bar.tsx'
import { KeysDialog } from './views/window/KeysDialog.tsx'
import { Nav } from './views/window/Nav.tsx'
import { Notices } from './views/window/Notices.tsx'

/** Draws the technician's window. */
export function App({ page }: { readonly page: Page }) {
  return (
    <PageProvider value={page}>
      <Localized />
    </PageProvider>
  )
}

/** Applies the language and the theme of the settings at once. */
function Localized() {
  const locale = useDesk(({ desk }) => toLocale(desk?.settings.fields.locale.value))
  const theme = useDesk(({ desk }) => desk?.settings.fields.theme.value ?? 'system')
  const translator = useMemo(() => createTranslator(locale), [locale])
  useEffect(() => {
    const root = document.documentElement
    root.lang = locale
    root.dataset['theme'] = theme
  }, [locale, theme])
  return (
    <TranslatorProvider value={translator}>
      <Window />
    </TranslatorProvider>
  )
}

function Window() {
  const { t } = useTranslator()
  const isReady = useDesk(({ desk }) => desk !== undefined)
  const connected = useDesk((shown) => shown.connected)
  const needsSetUp = useDesk(({ desk }) => desk?.setUp === 'needed')
  const settingUp = useScreen((screen) => screen.settingUp)
  const view = useScreen((screen) => screen.view)
  const dialog = useScreen((screen) => screen.dialog)
  const callTitle = useDesk(({ desk }) => desk && titleOf(desk))
  useEffect(() => {
    // The task bar shows the caller and whether the call is recorded while other windows cover this one.
    document.title = `${callTitle ?? t(`nav.${view}`)} · ${t('app.name')}`
  }, [t, view, callTitle])
  if (!isReady)
    return (
      <main className="window__opening">
        <h1 className="page__title">{t('app.name')}</h1>
        <p>{t(connected ? 'app.connecting' : 'app.disconnectedHint')}</p>
      </main>
    )
  if (needsSetUp || settingUp)
    return (
      <>
        <Bar />
        <SetUpView />
        <Notices />
      </>
    )
  return (
    <div className="window">
      <a className="window__skip" href="#content">
        {t('app.skip')}
      </a>
      <Bar />
      <Bands />
      <main className="window__main" id="content" tabIndex={-1}>
        {view === 'call' ? <CallView /> : null}
        {view === 'history' ? <HistoryView /> : null}
        {view === 'settings' ? <SettingsView /> : null}
        {view === 'diagnosis' ? <DiagnosisView /> : null}
      </main>
      <Nav />
      <Notices />
      {dialog === 'keys' ? <KeysDialog /> : null}
    </div>
  )
}

function titleOf({ calls }: DeskSnapshot): string | undefined {
  const call = calls.find(isActive)
  if (!call) return undefined
  const name = call.name ?? (call.number ? formatPhoneNumber(call.number) : undefined)
  return name && `${call.recording.at === 'on' ? '● ' : ''}${name}`
}

const toLocale = (value: string | undefined): Locale => (value === 'en' ? 'en' : 'fr')
