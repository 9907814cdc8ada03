import type { WallboardFigures } from '@3cx-ninja/protocol'
import type { Board } from '../board/board.ts'
import { UNKNOWN, type Texts } from '../texts/texts.ts'

export interface FigureView {
  readonly key: string
  readonly label: string
  readonly value: string
  /** lively: calls are active; attention: a person should act. */
  readonly tone: 'calm' | 'lively' | 'attention'
}

/** Returns the hub's figures only: a figure that the hub did not send is a dash. */
export function viewFigures(board: Board, hubMs: number, texts: Texts): readonly FigureView[] {
  const { t, count } = texts
  const figures = board.figures
  const today = figures !== null && hubMs < nextDayMs(figures.sinceMs)
  const known = (read: (figures: WallboardFigures) => string) =>
    figures === null || !today ? UNKNOWN : read(figures)
  const on = [...board.calls.values()].filter(
    ({ phase }) => phase === 'ringing' || phase === 'talking' || phase === 'held',
  ).length
  return [
    {
      ...calm('on', t('figure.on'), figures === null ? UNKNOWN : count(on)),
      tone: on > 0 ? 'lively' : 'calm',
    },
    calm(
      'calls',
      t('figure.calls'),
      known(({ callsToday }) => count(callsToday)),
    ),
    {
      ...calm(
        'missed',
        t('figure.missed'),
        known(({ missedToday }) => count(missedToday)),
      ),
      tone: today && figures.missedToday > 0 ? 'attention' : 'calm',
    },
    calm(
      'talk',
      t('figure.talk'),
      known(({ talkMsToday }) => texts.glance(talkMsToday)),
    ),
    calm(
      'tickets',
      t('figure.tickets'),
      known(({ ticketsToday }) => count(ticketsToday)),
    ),
    calm('drafts', t('figure.drafts'), figures === null ? UNKNOWN : count(figures.draftsWaiting)),
    calm(
      'ready',
      t('figure.ready'),
      known(({ hangUpToDraftMs }) => (hangUpToDraftMs === null ? UNKNOWN : texts.measured(hangUpToDraftMs))),
    ),
    slots(figures, texts),
  ]
}

function slots(figures: WallboardFigures | null, { t, count }: Texts): FigureView {
  const label = t('figure.places')
  if (figures === null) return calm('places', label, UNKNOWN)
  if (figures.slotsTotal === 0)
    return { key: 'places', label, value: t('figure.places.none'), tone: 'attention' }
  return calm('places', label, `${count(figures.slotsUsed)} / ${count(figures.slotsTotal)}`)
}

const calm = (key: string, label: string, value: string): FigureView => ({ key, label, value, tone: 'calm' })

/** Returns the next midnight: the hub counts from its own midnight, and figures of a past day are not today's. */
function nextDayMs(sinceMs: number): number {
  const next = new Date(sinceMs)
  next.setDate(next.getDate() + 1)
  return next.getTime()
}
