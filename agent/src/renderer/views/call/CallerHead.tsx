import './caller.css'
import { Badge } from '../../components/Badge.tsx'
import { Button } from '../../components/Button.tsx'
import { Icon } from '../../components/Icon.tsx'
import { loudness } from '../../components/loudness.ts'
import { Meter } from '../../components/Meter.tsx'
import { clockTime, isoDuration, formatPhoneNumber } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { SHORTCUTS } from '../../keys/shortcuts.ts'
import { canErase, canStop } from '../../page/callActions.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import { useDesk, usePage, useSinceSnapshot, useSnapshot } from '../../page/page.ts'
import type { DeskCall } from '../../../ipc/deskSnapshot.ts'

/** Shows the caller, the length of the call, both levels, and the actions on the call. */
export function CallerHead({ call }: { readonly call: DeskCall }) {
  const { t } = useTranslator()
  const { calls } = useSnapshot()
  const number = call.number ? formatPhoneNumber(call.number) : undefined
  const name = call.name ?? number ?? t('call.unknownCaller')
  const others = calls.filter((each) => isActive(each) && each.callId !== call.callId).length
  return (
    <div className="caller" data-phase={call.phase} data-recording={call.recording.at}>
      <div className="caller__top">
        <div className="caller__identity">
          <p className="caller__phase">
            {call.direction === 'unknown' ? null : <Icon name={call.direction} />}
            <span>{t(`call.phase.${call.phase}`)}</span>
            {call.direction === 'unknown' ? null : (
              <span className="hidden">{t(`call.direction.${call.direction}`)}</span>
            )}
            {others > 0 ? <Badge tone="accent">{t('call.others', { count: others })}</Badge> : null}
          </p>
          <h2 className="caller__name" title={name}>
            {name}
          </h2>
          <p className="caller__detail">
            {call.organization ? <span>{call.organization}</span> : null}
            {call.match === 'ambiguous' ? <span>{t('call.ambiguous')}</span> : null}
            {number && number !== name ? <span className="tabular">{number}</span> : null}
            {call.number ? <CopyNumber number={call.number} /> : null}
          </p>
          {call.join ? <Join join={call.join} /> : null}
        </div>
        <TalkTime call={call} />
      </div>
      {isActive(call) ? <Meters /> : null}
      <CallActions call={call} />
      <p className="hidden" aria-live="polite">
        {t('call.announce', { phase: t(`call.phase.${call.phase}`), name })}
      </p>
    </div>
  )
}

/** Shows why the PBX's caller is this call's, with the key that takes it back. */
function Join({ join }: { readonly join: NonNullable<DeskCall['join']> }) {
  const { t } = useTranslator()
  const { act } = usePage()
  return (
    <p className="caller__detail">
      <span>{t(`call.join.${join.reason}`)}</span>
      {join.numbers === 'unknown' ? <span>{t('call.join.noNumber')}</span> : null}
      <Button shortcut={SHORTCUTS.takeBackJoin} onPress={act.takeBackJoin}>
        {t('call.join.takeBack')}
      </Button>
    </p>
  )
}

function CopyNumber({ number }: { readonly number: string }) {
  const { t } = useTranslator()
  const { act } = usePage()
  return (
    <button
      type="button"
      className="caller__copy"
      aria-label={t('call.copyNumber')}
      title={t('call.copyNumber')}
      onClick={() => void act.copy(number, 'copied.number')}
    >
      <Icon name="copy" />
    </button>
  )
}

function TalkTime({ call: { talk } }: { readonly call: DeskCall }) {
  const { t } = useTranslator()
  const sinceMs = useSinceSnapshot(talk.at === 'on')
  if (talk.at === 'not-yet') return null
  const ms = talk.forMs + sinceMs
  return (
    <time className="caller__time" dateTime={isoDuration(ms)} role="timer" aria-label={t('call.duration')}>
      {clockTime(ms)}
    </time>
  )
}

function Meters() {
  const { t } = useTranslator()
  const levels = useDesk((shown) => shown.levels)
  const { alarms, listening, soundOrigins } = useSnapshot()
  const origin = soundOrigins.caller?.origin
  return (
    <div className="caller__meters">
      {(['agent', 'caller'] as const).map((side) => (
        <Meter
          key={side}
          side={side}
          label={t(`level.${side}`)}
          level={listening ? levels[side] : 0}
          alarm={alarms.includes(side === 'agent' ? 'microphone-silent' : 'caller-silent')}
          valueText={
            listening
              ? t('level.percent', { percent: Math.round(loudness(levels[side]) * 100) })
              : t('level.off')
          }
        />
      ))}
      {origin === 'everything-but-us' || origin === 'system-loopback' ? (
        <p className="caller__origin">{t(`level.origin.${origin}`)}</p>
      ) : null}
    </div>
  )
}

function CallActions({ call }: { readonly call: DeskCall }) {
  const { t } = useTranslator()
  const { act } = usePage()
  const { at } = call.recording
  const isOngoing = isActive(call)
  return (
    <div className="caller__actions" role="group" aria-label={t('call.actions')}>
      {at === 'on' ? (
        <Button icon="pause" shortcut={SHORTCUTS.pause} onPress={act.pauseOrResume}>
          {t('call.pause')}
        </Button>
      ) : null}
      {at === 'paused' && isOngoing ? (
        <Button variant="primary" icon="play" shortcut={SHORTCUTS.pause} onPress={act.pauseOrResume}>
          {t('call.resume')}
        </Button>
      ) : null}
      {at === 'on' ? (
        <Button icon="mark" shortcut={SHORTCUTS.mark} onPress={act.mark}>
          {t('call.mark')}
        </Button>
      ) : null}
      {canStop(call) ? (
        <Button icon="stop" shortcut={SHORTCUTS.manual} onPress={act.startOrStop}>
          {t(call.byHand ? 'call.end' : 'call.stop')}
        </Button>
      ) : null}
      {isOngoing && at !== 'elsewhere' ? null : (
        <Button icon="phone" shortcut={SHORTCUTS.manual} onPress={act.startOrStop}>
          {t(isOngoing ? 'call.recordHere' : 'call.start')}
        </Button>
      )}
      {canErase(call) ? (
        <Button variant="danger" icon="ban" shortcut={SHORTCUTS.erase} onPress={act.askErase}>
          {t(isOngoing ? 'call.erase' : 'call.eraseAfter')}
        </Button>
      ) : null}
    </div>
  )
}
