import type { Board } from '../board/board.ts'
import type { Standing } from '../link/standing.ts'
import type { Texts, WallboardLanguage } from '../texts/texts.ts'
import { wallboardTuning } from '../tuning.ts'
import { viewAlarms, type AlarmsView } from './alarmsView.ts'
import { viewAgents, type AgentsView } from './agentsView.ts'
import { viewCalls, type CallsView } from './callsView.ts'
import { viewFigures, type FigureView } from './figuresView.ts'
import { viewStanding, type StandingView } from './standingView.ts'
import { viewTickets, type TicketsView } from './ticketsView.ts'

/** Everything that the page draws, as text: the drawing decides nothing. */
export interface WallboardView {
  readonly language: WallboardLanguage
  readonly title: string
  readonly standing: StandingView
  readonly time: string
  readonly day: string
  readonly alarms: AlarmsView
  readonly figuresLabel: string
  readonly figures: readonly FigureView[]
  readonly calls: CallsView
  readonly agents: AgentsView
  readonly tickets: TicketsView
}

export interface WallboardFacts {
  readonly board: Board
  readonly standing: Standing
  readonly monotonicMs: number
  /** The hub's current time. */
  readonly hubMs: number
}

/** Returns the whole wallboard. While disconnected, running times stop at the hub's last message: later is unknown. */
export function viewWallboard(
  { board, standing, monotonicMs, hubMs }: WallboardFacts,
  texts: Texts,
): WallboardView {
  const old = standing.at === 'cut' || standing.at === 'refused'
  const knownMs = old ? hubMs - (monotonicMs - standing.sinceMs) : hubMs
  const band = viewStanding(standing, { monotonicMs, hubMs }, texts)
  const { ticketRows, ticketRowsUnderBand, ticketRowsUnderForm } = wallboardTuning
  const room = band.enroll ? ticketRowsUnderForm : band.tone === 'cut' ? ticketRowsUnderBand : ticketRows
  return {
    language: texts.language,
    title: texts.t('wallboard.title'),
    standing: band,
    time: texts.time(hubMs),
    day: texts.day(hubMs),
    // An old board raises no alarm: the band shows that the wallboard is disconnected.
    alarms: old ? { text: '', more: '' } : viewAlarms(board, knownMs, texts),
    figuresLabel: texts.t('figures.title'),
    figures: viewFigures(board, knownMs, texts),
    calls: viewCalls(board, knownMs, texts),
    agents: viewAgents(board, knownMs, texts),
    tickets: viewTickets(board, room, texts),
  }
}
