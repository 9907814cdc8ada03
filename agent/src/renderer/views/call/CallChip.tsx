import './callChip.css'
import { Icon } from '../../components/Icon.tsx'
import { clockTime, formatPhoneNumber } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import { usePage, useScreen, useSinceSnapshot, useSnapshot } from '../../page/page.ts'

/** Shows the active call while another view is in front: its caller, its length, and the way back. */
export function CallChip() {
  const { t } = useTranslator()
  const { act } = usePage()
  const { calls, shown } = useSnapshot()
  const view = useScreen((screen) => screen.view)
  const call = calls.find((each) => each.callId === shown && isActive(each))
  const counts = call?.talk.at === 'on' && view !== 'call'
  const sinceMs = useSinceSnapshot(counts)
  if (!call || view === 'call') return null
  const name = call.name ?? (call.number ? formatPhoneNumber(call.number) : t('call.unknownCaller'))
  return (
    <button type="button" className="call-chip" title={t('call.back')} onClick={() => act.go('call')}>
      <Icon name="phone" />
      <span className="call-chip__name">{name}</span>
      <span className="hidden">{t('call.back')}</span>
      <span className="tabular">
        {call.talk.at === 'not-yet' ? t(`call.phase.${call.phase}`) : clockTime(call.talk.forMs + sinceMs)}
      </span>
    </button>
  )
}
