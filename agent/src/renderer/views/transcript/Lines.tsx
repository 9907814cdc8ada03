import { memo, useEffect, useRef, type KeyboardEvent } from 'react'
import './transcript.css'
import { Icon } from '../../components/Icon.tsx'
import { clockTime } from '../../i18n/format.ts'
import { useTranslator } from '../../i18n/texts.ts'
import type { DeskLine } from '../../../ipc/deskSnapshot.ts'
import { splitFound } from './splitFound.ts'
import { toTurns, type Turn } from './turns.ts'

type LinePosition = Pick<DeskLine, 'part' | 'fromMs'>

export interface Found {
  readonly words: string
  /** 'words' marks each word; 'phrase' marks them only where they stand together. */
  readonly as: 'words' | 'phrase'
}

/** Draws the transcript turn by turn. It has one Tab stop; arrow keys move between lines, Enter plays a line. */
export const Lines = memo(function Lines({
  lines,
  onPlay,
  playing,
  caller,
  found,
}: {
  readonly lines: readonly DeskLine[]
  /** Omitted where no recording can be played. */
  readonly onPlay?: ((position: LinePosition) => void) | undefined
  /** Id of the line that the player plays. */
  readonly playing?: string | undefined
  /** Name of the caller; omitted where it is not certain. */
  readonly caller?: string | undefined
  /** These words are marked: the search found them, or a tick of the checklist rests on them. */
  readonly found?: Found | undefined
}) {
  const { t } = useTranslator()
  const list = useRef<HTMLOListElement>(null)
  const lastId = lines.findLast((line) => line.kind === 'words' && line.state === 'final')?.id
  // The transcript scrolls along with the playback.
  useEffect(() => {
    if (playing) list.current?.querySelector('[data-playing=true]')?.scrollIntoView({ block: 'nearest' })
  }, [playing])
  const move = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    const all = [...(list.current?.querySelectorAll<HTMLElement>('button.line') ?? [])]
    const at = all.indexOf(event.target as HTMLElement)
    if (at < 0) return
    event.preventDefault()
    all[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
  }
  return (
    <ol className="turns" ref={list} onKeyDown={move}>
      {toTurns(lines).map((turn) =>
        turn.kind === 'mark' ? (
          <li key={turn.mark.id} className="marked">
            <Icon name="mark" filled />
            {t('transcript.markedAt')} <span className="tabular">{clockTime(turn.mark.fromMs)}</span>
          </li>
        ) : turn.kind === 'device' ? (
          <li key={turn.device.id} className="marked">
            <Icon name={turn.device.channel === 'agent' ? 'mic' : 'phone'} />
            {t(`transcript.device.${turn.device.channel}`, { label: turn.device.label })}{' '}
            <span className="tabular">{clockTime(turn.device.fromMs)}</span>
          </li>
        ) : (
          <TurnItem
            key={turn.lines[0].id}
            turn={turn}
            onPlay={onPlay}
            playing={turn.lines.some(({ id }) => id === playing) ? playing : undefined}
            caller={caller}
            found={found}
            stop={turn.lines.find(({ id }) => id === (playing ?? lastId))?.id}
          />
        ),
      )}
    </ol>
  )
})

interface TurnProps {
  readonly turn: Extract<Turn, { kind: 'turn' }>
  readonly onPlay: ((position: LinePosition) => void) | undefined
  readonly playing: string | undefined
  readonly caller: string | undefined
  readonly found: Found | undefined
  /** Id of the line where Tab stops, if this turn contains it. */
  readonly stop: string | undefined
}

/** A turn is drawn again only when its own lines change: a long call has hundreds, and partials come three times a second. */
const TurnItem = memo(function TurnItem({ turn, onPlay, playing, stop, caller, found }: TurnProps) {
  const { t } = useTranslator()
  return (
    <li className="turn" data-speaker={turn.speaker}>
      <p className="turn__head">
        <span className="turn__name">
          {turn.speaker === 'caller' && caller ? caller : t(`transcript.${turn.speaker}`)}
        </span>
        <span className="turn__at">{clockTime(turn.lines[0].fromMs)}</span>
      </p>
      {turn.lines.map((line) =>
        onPlay && line.state === 'final' ? (
          <button
            key={line.id}
            type="button"
            className="line"
            data-state={line.state}
            data-playing={line.id === playing}
            tabIndex={line.id === stop ? 0 : -1}
            title={t('transcript.play', { time: clockTime(line.fromMs) })}
            onClick={() => onPlay(line)}
          >
            <Words text={line.text} found={found} />
          </button>
        ) : (
          <p key={line.id} className="line" data-state={line.state}>
            <Words text={line.text} found={found} />
            {line.state === 'provisional' ? (
              <span className="hidden"> ({t('transcript.provisional')})</span>
            ) : null}
          </p>
        ),
      )}
    </li>
  )
}, isSameTurn)

function Words({ text, found }: { readonly text: string; readonly found: Found | undefined }) {
  if (!found?.words.trim()) return text
  return splitFound(text, found.words, found.as).map((part, at) =>
    part.isMatch ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>,
  )
}

function isSameTurn(one: TurnProps, other: TurnProps): boolean {
  const { lines } = one.turn
  return (
    one.onPlay === other.onPlay &&
    one.playing === other.playing &&
    one.stop === other.stop &&
    one.caller === other.caller &&
    one.found?.words === other.found?.words &&
    lines.length === other.turn.lines.length &&
    lines.every((line, at) => line === other.turn.lines[at])
  )
}
