import { useCallback, useEffect, useRef, useState } from 'react'
import '../transcript/transcript.css'
import { Button, IconButton } from '../../components/Button.tsx'
import { useTranslator, type TextKey } from '../../i18n/texts.ts'
import { certainName, conversationText } from '../transcript/conversationText.ts'
import { isActive } from '@3cx-ninja/protocol/callActivity.ts'
import { useDesk, usePage, useScreen, useSnapshot, useSound } from '../../page/page.ts'
import type { DeskCall, DeskLine, DeskSnapshot } from '../../../ipc/deskSnapshot.ts'
import { Player } from '../transcript/Player.tsx'
import { lineAt } from '../transcript/lineAt.ts'
import { Lines } from '../transcript/Lines.tsx'

/** A reader whose view ends this close to the last line reads along. */
const AT_END_PX = 48

/** Shows the live transcript: it follows the newest line until the reader scrolls up, and again after the return to the end. */
export function Transcript({ call }: { readonly call: DeskCall }) {
  const { t } = useTranslator()
  const { sound } = usePage()
  const highlighted = useScreen((screen) => screen.highlighted)
  const { callId, lines } = useDesk((shown) => shown.lines)
  const { hub } = useSnapshot()
  const playback = useSound((now) => (now.at === 'open' && now.callId === call.callId ? now : undefined))
  const shown = callId === call.callId ? lines : []
  const finalCount = shown.filter((line) => line.kind === 'words' && line.state === 'final').length
  const end = useEnd(call.callId, shown, finalCount)
  const caller = certainName(call)
  const id = call.callId
  const play = useCallback(
    (line: { readonly part: number; readonly fromMs: number }) => void sound.playLine(id, line),
    [sound, id],
  )
  return (
    <div className="transcript">
      <div
        className="transcript__scroll"
        ref={end.box}
        onScroll={end.onScroll}
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
      {end.follows || shown.length === 0 ? null : (
        <div className="transcript__newest">
          <Button variant="primary" icon="down" onPress={end.follow}>
            {t('transcript.backToLive')}
            {end.newCount > 0 ? ` · ${t('transcript.newLines', { count: end.newCount })}` : ''}
          </Button>
        </div>
      )}
      {finalCount > 0 && !playback ? <CopyTranscript lines={shown} caller={caller} /> : null}
      {playback ? <Player sound={playback} /> : null}
    </div>
  )
}

function CopyTranscript({
  lines,
  caller,
}: {
  readonly lines: readonly DeskLine[]
  readonly caller: string | undefined
}) {
  const { t } = useTranslator()
  const { act } = usePage()
  return (
    <div className="transcript__tools">
      <IconButton
        icon="copy"
        label={t('transcript.copy')}
        onPress={() => void act.copy(conversationText(lines, { t, caller }), 'copied.conversation')}
      />
    </div>
  )
}

/** Keeps the end of the box in view while the reader reads along, and counts the final lines that came meanwhile. */
function useEnd(callId: DeskCall['callId'], lines: readonly DeskLine[], finalCount: number) {
  const box = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(true)
  /** Count of final lines when the reader scrolled up; undefined while the reader reads along. */
  const [countWhenLeft, setCountWhenLeft] = useState<number>()
  useEffect(() => {
    const element = box.current
    if (follows && element) element.scrollTop = element.scrollHeight
  }, [follows, lines])
  // A window made smaller shows less of the end although nobody scrolled.
  useEffect(() => {
    const element = box.current
    if (!follows || !element) return
    const observer = new ResizeObserver(() => (element.scrollTop = element.scrollHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [follows])
  useEffect(() => {
    setFollows(true)
    setCountWhenLeft(undefined)
  }, [callId])
  const onScroll = () => {
    const element = box.current
    if (!element) return
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX
    setFollows(isAtEnd)
    setCountWhenLeft((count) => (isAtEnd ? undefined : (count ?? finalCount)))
  }
  return {
    box,
    onScroll,
    follows,
    follow: () => setFollows(true),
    newCount: countWhenLeft === undefined ? 0 : finalCount - countWhenLeft,
  }
}

function emptyText(call: DeskCall, hub: DeskSnapshot['hub']): TextKey {
  if (call.recording.at === 'refused' || call.recording.at === 'erased') return 'transcript.emptyNotRecorded'
  if (call.recording.at === 'elsewhere') return 'transcript.emptyElsewhere'
  if (hub.at !== 'open' && isActive(call)) return 'transcript.emptyAway'
  return call.phase === 'talking' ? 'transcript.emptyTalking' : 'transcript.empty'
}
