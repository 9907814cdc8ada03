import { useCallback, useEffect, useRef, useState } from 'react'
import type { CallId } from '@3cx-ninja/protocol'
import type { CallAudio, Output } from '../../../ipc/channels.ts'
import { Button } from '../../components/Button.tsx'
import { TicketLink } from '../../components/TicketLink.tsx'
import { isWebLink } from '../../components/webLink.ts'
import { callTime, clockTime, formatPhoneNumber } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import { pageClock } from '../../clock.ts'
import { conversationText } from '../transcript/conversationText.ts'
import { usePage, useScreen, useSnapshot, useSound } from '../../page/page.ts'
import { EraseDialog } from '../transcript/EraseDialog.tsx'
import { Lines } from '../transcript/Lines.tsx'
import { TicketBadge } from './Entry.tsx'
import { lineAt } from '../transcript/lineAt.ts'
import { Player } from '../transcript/Player.tsx'

type Opened = Output<'openCall'>
type Gone = Extract<CallAudio, { at: 'gone' }>
type Past = NonNullable<Opened['call']>

/** Shows one past call: its transcript and its recording. */
export function PastCallPane({
  callId,
  words,
}: {
  readonly callId: CallId
  /** The transcript marks these searched words. */
  readonly words: string
}) {
  const { t } = useTranslator()
  const { bridge, screen, sound } = usePage()
  const playback = useSound((now) => (now.at === 'open' && now.callId === callId ? now : undefined))
  const [opened, setOpened] = useState<Opened>()
  const [erasures, setErasures] = useState(0)
  useEffect(() => {
    let isLate = false
    void bridge.openCall({ callId }).then((answer) => {
      if (!answer.ok || isLate) return
      setOpened(answer.value)
      sound.prepare(callId, answer.value.audio)
    })
    return () => {
      isLate = true
      sound.close()
    }
  }, [bridge, callId, sound, erasures])
  const play = useCallback(
    (line: { readonly part: number; readonly fromMs: number }) => void sound.playLine(callId, line),
    [sound, callId],
  )
  if (!opened?.call) return <div className="past past__none">{opened ? t('history.none') : ''}</div>
  const { call, audio } = opened
  return (
    <section className="past" aria-label={call.past.title ?? call.past.name ?? t('call.title')}>
      <div className="past__head">
        <span className="past__back">
          <Button
            variant="quiet"
            icon="back"
            onPress={() => screen.setState(({ openCall: _, ...rest }) => rest, true)}
          >
            {t('history.back')}
          </Button>
        </span>
        <PastHead
          past={call.past}
          lines={call.lines}
          callId={callId}
          onErased={() => setErasures((count) => count + 1)}
        />
        {playback ? (
          <Player sound={playback} />
        ) : audio.at === 'gone' ? (
          <NoSound why={audio.why} onAgain={() => setErasures((count) => count + 1)} />
        ) : null}
      </div>
      <div className="past__body" tabIndex={0} role="region" aria-label={t('transcript.title')}>
        {call.description ? (
          <div className="past__summary">
            <h3>{t('history.summary')}</h3>
            {call.description}
          </div>
        ) : null}
        {call.lines.length > 0 ? (
          <Lines
            lines={call.lines}
            onPlay={audio.at === 'here' ? play : undefined}
            caller={call.past.name}
            found={{ words, as: 'words' }}
            playing={playback && lineAt(call.lines, playback.audio, playback.positionMs)}
          />
        ) : (
          <p className="history__empty">{t('history.noLines')}</p>
        )}
      </div>
    </section>
  )
}

/** Shows why the recording cannot be played. It opens again when the hub returns; a temporary reason has a retry button. */
function NoSound({ why, onAgain }: { readonly why: Gone['why']; readonly onAgain: () => void }) {
  const { t } = useTranslator()
  const isHubThere = useSnapshot().hub.at === 'open'
  const waits = why === 'hub-away' || why === 'hub-busy'
  const again = useRef(onAgain)
  again.current = onAgain
  const wasThere = useRef(isHubThere)
  useEffect(() => {
    if (why === 'hub-away' && isHubThere && !wasThere.current) again.current()
    wasThere.current = isHubThere
  }, [why, isHubThere])
  return (
    <div className="past__note">
      <p>{t(`transcript.noSound.${why}`)}</p>
      {waits ? (
        <Button icon="again" onPress={onAgain}>
          {t('player.retry')}
        </Button>
      ) : null}
    </div>
  )
}

function PastHead(props: {
  readonly past: Past['past']
  readonly lines: Past['lines']
  readonly callId: CallId
  readonly onErased: () => void
}) {
  const { past, lines, callId, onErased } = props
  const { t, locale } = useTranslator()
  const { act, bridge, notice, screen } = usePage()
  const dialog = useScreen((now) => now.dialog)
  const number = past.number ? formatPhoneNumber(past.number) : undefined
  const name = past.name ?? number ?? t('call.unknownCaller')
  const details = [
    callTime(past.startedAtMs, pageClock.wallClockMs(), locale),
    past.talkMs === undefined ? undefined : clockTime(past.talkMs),
    past.organization,
    number === name ? undefined : number,
  ]
  const sendAgain = async () => {
    const answer = await bridge.sendAgain({ callId })
    if (act.isDone(answer) && answer.ok)
      notice(answer.value.outcome === 'hub-away' ? 'bad' : 'good', `history.${answer.value.outcome}`)
  }
  const erase = async () => {
    const answer = await bridge.actOnCall({ action: 'erase', callId })
    if (!act.isDone(answer)) return
    notice('good', 'call.erased')
    onErased()
  }
  return (
    <>
      <div>
        <h2 className="caller__name">{name}</h2>
        <p className="caller__detail">
          {details.map((detail) => (detail ? <span key={detail}>{detail}</span> : null))}
        </p>
        {past.title ? <p>{past.title}</p> : null}
      </div>
      <div className="past__buttons">
        <TicketBadge ticket={past.ticket} />
        {past.ticket.at === 'filed' && isWebLink(past.ticket.url) ? (
          <TicketLink url={past.ticket.url} />
        ) : null}
        {lines.length > 0 ? (
          <Button
            icon="copy"
            onPress={() =>
              void act.copy(conversationText(lines, { t, caller: past.name }), 'copied.conversation')
            }
          >
            {t('transcript.copyShort')}
          </Button>
        ) : null}
        {past.ticket.at === 'filed' || past.ticket.at === 'discarded' ? null : (
          <Button icon="again" onPress={() => void sendAgain()}>
            {t('history.sendAgain')}
          </Button>
        )}
        {past.recorded === 'yes' ? (
          <Button variant="danger" icon="ban" onPress={() => screen.setState({ dialog: 'erase' })}>
            {t('call.eraseAfter')}
          </Button>
        ) : null}
        {dialog === 'erase' ? <EraseDialog onErase={() => void erase()} /> : null}
      </div>
    </>
  )
}
