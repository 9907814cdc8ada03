import { Band } from '../../components/Band.tsx'
import { Button, IconButton } from '../../components/Button.tsx'
import { formatDuration } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { useDesk, usePage, useSinceSnapshot, useSnapshot } from '../../page/page.ts'

/** A link that opens again within this time shows no band. */
const AWAY_AFTER_MS = 1_500

/** Shows everything that the technician must know now, the most urgent first. */
export function Bands() {
  const { t, translateIfKnown } = useTranslator()
  const { bridge, screen } = usePage()
  const connected = useDesk((shown) => shown.connected)
  const { alarms, consentConfirmed, hub, settings, userErrors } = useSnapshot()
  return (
    <div className="window__bands">
      {connected ? null : (
        <Band tone="bad" icon="away" title={t('app.disconnected')} text={t('app.disconnectedHint')} urgent />
      )}
      {alarms.map((alarm) => (
        <Band
          key={alarm}
          tone="bad"
          icon="mic"
          title={t(`alarm.${alarm}`)}
          text={t(`alarm.${alarm}Hint`)}
          urgent
        />
      ))}
      <HubBand />
      {hub.at === 'open' && settings.rules && !consentConfirmed ? (
        <Band tone="warn" icon="ban" title={t('consent.openTitle')} text={t('consent.openHint')} />
      ) : null}
      {userErrors
        .filter(isNews)
        .slice(-1)
        .map(({ id, code, facts, message }) => (
          <Band
            key={id}
            tone="warn"
            icon="alert"
            title={translateIfKnown(`userError.${code}`, facts) ?? message}
          >
            {code === 'enrollment-failed' || code === 'identity-shared' ? (
              <Button onPress={() => screen.setState({ settingUp: true })}>{t('hub.enrollAgain')}</Button>
            ) : null}
            <IconButton
              icon="cross"
              label={t('app.dismiss')}
              onPress={() => void bridge.dismissUserError({ id })}
            />
          </Band>
        ))}
    </div>
  )
}

/** The refusal of the hub has a band of its own. */
const isNews = ({ code }: { readonly code: string }) => code !== 'hub-refused'

/** Shows which data waits while the hub is away, and that it is being sent once the hub is back. */
function HubBand() {
  const { t, locale } = useTranslator()
  const { screen } = usePage()
  const { consentConfirmed, drafts, hub, waiting } = useSnapshot()
  const isAway = hub.at === 'away'
  const awayMs = hub.forMs + useSinceSnapshot(isAway)
  const waitingItems = [
    ...(waiting.recordings > 0 ? [t('hub.waitingRecordings', { count: waiting.recordings })] : []),
    ...(waiting.soundMs > 0
      ? [t('hub.waitingSound', { span: formatDuration(waiting.soundMs, locale) })]
      : []),
    ...(waiting.pendingChanges > 0 ? [t('hub.waitingChanges', { count: waiting.pendingChanges })] : []),
    ...(waiting.reports > 0 ? [t('hub.waitingReports', { count: waiting.reports })] : []),
  ]
  const stopped = drafts.some(({ draft }) => draft.state.at === 'proposed' || draft.state.at === 'countdown')
  const list = new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(waitingItems)
  if (hub.at === 'refused')
    return (
      <Band tone="bad" icon="ban" title={t('hub.refusedTitle')} text={t('hub.refusedHint')}>
        <Button onPress={() => screen.setState({ settingUp: true })}>{t('hub.enrollAgain')}</Button>
      </Band>
    )
  if (isAway && awayMs >= AWAY_AFTER_MS)
    return (
      <Band
        tone="warn"
        icon="away"
        title={t(consentConfirmed ? 'hub.awayTitle' : 'hub.awayUnconfirmed')}
        text={`${t('hub.awayFor', { span: formatDuration(awayMs, locale) })} ${waitingItems.length > 0 ? `${list}.` : t('hub.nothingWaiting')}${stopped ? ` ${t('hub.countdownsSuspended')}` : ''}`}
      />
    )
  // A live call always has a few frames waiting, which is normal.
  if (hub.at === 'open' && waiting.soundMs > CATCHING_UP_MS)
    return <Band tone="good" icon="again" title={t('hub.catchingUp')} text={list} />
  return null
}
const CATCHING_UP_MS = 10_000
