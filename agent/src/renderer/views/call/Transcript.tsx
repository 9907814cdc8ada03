import { useCallback, useEffect, useRef, useState } from 'react'
import '../transcript/transcript.css'
import { Button, IconButton } from '../../components/Button.tsx'
import { useTranslator, type TextKey } from '../../i18n/texts.ts'
import { certainName, conversationText } from '../transcript/conversationText.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import { useDesk, usePage, useScreen, useSnapshot, useSound } from '../../page/page.ts'
import type { DeskCall, DeskSnapshot } from '../../../ipc/deskSnapshot.ts'
import { Player } from '../transcript/Player.tsx'
import { lineAt } from '../transcript/lineAt.ts'
import { Lines } from '../transcript/Lines.tsx'

/** This close to the end counts as reading along. */
const AT_END_PX = 48

/** The live words. It follows the newest line until the reader scrolls up, and goes on when the reader comes back. */
export function Transcript({ call }: { readonly call: DeskCall }) {
  const { t } = useTranslator()
  const { act, sound } = usePage()
  const highlighted = useScreen((screen) => screen.highlighted)
  const { callId, lines } = useDesk((shown) => shown.lines)
  const { hub } = useSnapshot()
  const playback = useSound((now) => (now.at === 'open' && now.callId === call.callId ? now : undefined))
  const box = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(true)
  /** How much was said by then; undefined while the reader reads along. */
  const [countWhenLeft, setCountWhenLeft] = useState<number>()
  const shown = callId === call.callId ? lines : []
  const finalCount = shown.filter((line) => line.kind === 'words' && line.state === 'final').length
  const newCount = countWhenLeft === undefined ? 0 : finalCount - countWhenLeft
  const caller = certainName(call)

  const id = call.callId
  const play = useCallback(
    (line: { readonly part: number; readonly fromMs: number }) => void sound.playLine(id, line),
    [sound, id],
  )

  useEffect(() => {
    const element = box.current
    if (follows && element) element.scrollTop = element.scrollHeight
  }, [follows, shown])
  // A window made smaller shows less of the end, without anybody having scrolled.
  useEffect(() => {
    const element = box.current
    if (!follows || !element) return
    const watch = new ResizeObserver(() => (element.scrollTop = element.scrollHeight))
    watch.observe(element)
    return () => watch.disconnect()
  }, [follows])
  useEffect(() => {
    setFollows(true)
    setCountWhenLeft(undefined)
  }, [call.callId])

  const followReader = () => {
    const element = box.current
    if (!element) return
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX
    setFollows(atEnd)
    setCountWhenLeft((before) => (atEnd ? undefined : (before ?? finalCount)))
  }
  return (
    <div className="transcript">
      <div
        className="transcript__scroll"
        ref={box}
        onScroll={followReader}
        tabIndex={0}
        role="region"
        aria-label={t('transcript.title')}
      >
        {shown.length > 0 ? (
          <Lines
            lines={shown}
            onPlay={call.recordingId ? play : undefined}
            caller={caller}
            found={highlighted === undefined ? undefined : { words: highlighted, as: 'phrase' }}
            playing={playback && lineAt(shown, playback.audio, playback.positionMs)}
          />
        ) : (
          <p className="transcript__empty">{t(emptyText(call, hub))}</p>
        )}
      </div>
      {call.recording.at === 'paused' && isActive(call) ? (
        <p className="transcript__paused">{t('transcript.paused')}</p>
      ) : null}
      {follows || shown.length === 0 ? null : (
        <div className="transcript__newest">
          <Button variant="primary" icon="down" onPress={() => setFollows(true)}>
            {t('transcript.backToLive')}
            {newCount > 0 ? ` · ${t('transcript.newLines', { count: newCount })}` : ''}
          </Button>
        </div>
      )}
      {finalCount > 0 && !playback ? (
        <div className="transcript__tools">
          <IconButton
            icon="copy"
            label={t('transcript.copy')}
            onPress={() => void act.copy(conversationText(shown, { t, caller }), 'copied.conversation')}
          />
        </div>
      ) : null}
      {playback ? <Player sound={playback} /> : null}
    </div>
  )
}

function emptyText(call: DeskCall, hub: DeskSnapshot['hub']): TextKey {
  if (call.recording.at === 'refused' || call.recording.at === 'erased') return 'transcript.emptyNotRecorded'
  if (call.recording.at === 'elsewhere') return 'transcript.emptyElsewhere'
  if (hub.at !== 'open' && isActive(call)) return 'transcript.emptyAway'
  return call.phase === 'talking' ? 'transcript.emptyTalking' : 'transcript.empty'
}
