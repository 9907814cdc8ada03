import './bar.css'
import { Badge, type Tone } from '../../components/Badge.tsx'
import { IconButton } from '../../components/Button.tsx'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import { usePage, useSnapshot } from '../../page/page.ts'
import type { DeskHub } from '../../../ipc/deskSnapshot.ts'
import { CallChip } from '../call/CallChip.tsx'

const HUB_TONE: Readonly<Record<DeskHub['at'], Tone>> = {
  open: 'good',
  opening: 'plain',
  away: 'warn',
  refused: 'bad',
  'not-set': 'warn',
  'not-enrolled': 'warn',
}

/** Shows in every view whether the call is recorded and whether the hub is connected. */
export function Bar() {
  const { t } = useTranslator()
  const { act } = usePage()
  const { hub } = useSnapshot()
  return (
    <header className="bar">
      <RecordingBadge />
      <CallChip />
      <span className="bar__end">
        <Badge tone={HUB_TONE[hub.at]} dot={hub.at === 'open' ? 'full' : 'ring'}>
          {t(`hub.${hub.at}`)}
        </Badge>
        <IconButton icon="keyboard" label={t('keys.show')} shortcut={SHORTCUTS.help} onPress={act.showKeys} />
      </span>
    </header>
  )
}

/** Draws the indicator that the recording rule demands: red, with its word, while any call is recorded. */
function RecordingBadge() {
  const { t } = useTranslator()
  const { calls } = useSnapshot()
  // Any recorded call counts, also a call that the window does not show.
  const call =
    calls.find(({ recording }) => recording.at === 'on') ??
    calls.find((each) => isActive(each) && each.recording.at === 'paused') ??
    calls.find(isActive)
  const at = call?.recording.at
  if (at === 'on')
    return (
      <Badge tone="record" dot="full">
        {t('recording.on')}
      </Badge>
    )
  if (at === 'paused')
    return (
      <Badge tone="warn" dot="ring">
        {t('recording.paused')}
      </Badge>
    )
  if (call?.recording.at === 'refused')
    return (
      <Badge tone="warn" dot="ring">
        {t(`recording.${call.recording.why}`)}
      </Badge>
    )
  if (at === 'erased')
    return (
      <Badge tone="plain" dot="ring">
        {t('recording.erased')}
      </Badge>
    )
  if (at === 'elsewhere')
    return (
      <Badge tone="plain" dot="ring">
        {t('recording.elsewhere')}
      </Badge>
    )
  return (
    <Badge tone="plain" dot="ring">
      {t(call ? 'recording.none' : 'recording.idle')}
    </Badge>
  )
}
