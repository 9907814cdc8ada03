import { memo, useRef, type KeyboardEvent } from 'react'
import './transcript.css'
import { Icon } from '../../components/Icon.tsx'
import { clockTime } from '../../i18n/format.ts'
import { useSpeech } from '../../i18n/texts.ts'
import type { DeskLine } from '../../../ipc/deskSnapshot.ts'
import { toTurns } from './turns.ts'

type Place = Pick<DeskLine, 'part' | 'fromMs'>

/** The words of a call, turn by turn. One stop for Tab; arrow keys go from line to line, Enter plays its second. */
export const Lines = memo(function Lines({
  lines,
  onPlay,
  playing,
}: {
  readonly lines: readonly DeskLine[]
  /** Left out: there is nothing to hear. */
  readonly onPlay?: ((place: Place) => void) | undefined
  /** Id of the line that is being heard. */
  readonly playing?: string | undefined
}) {
  const { t } = useSpeech()
  const list = useRef<HTMLOListElement>(null)
  const lastId = lines.findLast((line) => line.kind === 'words' && line.state === 'final')?.id
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
        ) : (
          <li key={turn.lines[0].id} className="turn" data-speaker={turn.speaker}>
            <p className="turn__who">
              {t(`transcript.${turn.speaker}`)}
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
                  tabIndex={line.id === (playing ?? lastId) ? 0 : -1}
                  title={t('transcript.play', { time: clockTime(line.fromMs) })}
                  onClick={() => onPlay(line)}
                >
                  {line.text}
                </button>
              ) : (
                <p key={line.id} className="line" data-state={line.state}>
                  {line.text}
                  {line.state === 'provisional' ? (
                    <span className="hidden"> ({t('transcript.provisional')})</span>
                  ) : null}
                </p>
              ),
            )}
          </li>
        ),
      )}
    </ol>
  )
})
