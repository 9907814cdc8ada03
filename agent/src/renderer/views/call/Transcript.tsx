import { useCallback, useEffect, useRef, useState } from 'react'
import './transcript.css'
import { Button, IconButton } from '../../components/Button.tsx'
import { useSpeech, type TextKey } from '../../i18n/texts.ts'
import { certainName, conversationText } from '../../page/copying.ts'
import { isAlive } from '../../page/isAlive.ts'
import { useDesk, usePage, useScreen, useSnapshot, useSound } from '../../page/page.ts'
import type { DeskCall, DeskSnapshot } from '../../../ipc/deskSnapshot.ts'
import { Player } from '../history/Player.tsx'
import { lineAt } from '../history/lineAt.ts'
import { Lines } from './Lines.tsx'

/** This close to the end counts as reading along. */
const AT_END_PX = 48

/** The live words. It follows the newest line until the reader scrolls up, and goes on when the reader comes back. */
export function Transcript({ call }: { readonly call: DeskCall }) {
  const { t } = useSpeech()
  const { act, sound } = usePage()
  const pointed = useScreen((screen) => screen.pointed)
  const { callId, lines } = useDesk((shown) => shown.lines)
  const { hub } = useSnapshot()
  const heard = useSound((now) => (now.at === 'open' && now.callId === call.callId ? now : undefined))
  const box = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(true)
  /** How much was said by then; undefined while the reader reads along. */
  const [leftAt, setLeftAt] = useState<number>()
  const shown = callId === call.callId ? lines : []
  const said = shown.filter((line) => line.kind === 'words' && line.state === 'final').length
  const fresh = leftAt === undefined ? 0 : said - leftAt
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
    setLeftAt(undefined)
  }, [call.callId])

  const look = () => {
    const element = box.current
    if (!element) return
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX
    setFollows(atEnd)
    setLeftAt((before) => (atEnd ? undefined : (before ?? said)))
  }
  return (
    <div className="transcript">
      <div
        className="transcript__scroll"
        ref={box}
        onScroll={look}
        tabIndex={0}
        role="region"
        aria-label={t('transcript.title')}
      >
        {shown.length > 0 ? (
          <Lines
            lines={shown}
            onPlay={call.recordingId ? play : undefined}
            caller={caller}
            found={pointed === undefined ? undefined : { words: pointed, as: 'phrase' }}
            playing={heard && lineAt(shown, heard.audio, heard.positionMs)}
          />
        ) : (
          <p className="transcript__empty">{t(emptyText(call, hub))}</p>
        )}
      </div>
      {call.recording.at === 'paused' && isAlive(call) ? (
        <p className="transcript__paused">{t('transcript.paused')}</p>
      ) : null}
      {follows || shown.length === 0 ? null : (
        <div className="transcript__newest">
          <Button look="primary" icon="down" onPress={() => setFollows(true)}>
            {t('transcript.newest')}
            {fresh > 0 ? ` · ${t('transcript.fresh', { count: fresh })}` : ''}
          </Button>
        </div>
      )}
      {said > 0 && !heard ? (
        <div className="transcript__tools">
          <IconButton
            icon="copy"
            label={t('transcript.copy')}
            onPress={() => void act.copy(conversationText(shown, { t, caller }), 'copied.conversation')}
          />
        </div>
      ) : null}
      {heard ? <Player sound={heard} /> : null}
    </div>
  )
}

function emptyText(call: DeskCall, hub: DeskSnapshot['hub']): TextKey {
  if (call.recording.at === 'refused' || call.recording.at === 'erased') return 'transcript.emptyNotRecorded'
  if (call.recording.at === 'elsewhere') return 'transcript.emptyElsewhere'
  if (hub.at !== 'open' && isAlive(call)) return 'transcript.emptyAway'
  return call.phase === 'talking' ? 'transcript.emptyTalking' : 'transcript.empty'
}
