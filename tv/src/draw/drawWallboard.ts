import type { WallboardView } from '../view/wallboardView.ts'
import { drawAgents } from './drawAgents.ts'
import { drawCalls } from './drawCalls.ts'
import { drawFigures } from './drawFigures.ts'
import { drawStanding, type StandingActions } from './drawStanding.ts'
import { drawTickets } from './drawTickets.ts'
import { element, setData, setShown, setText } from './element.ts'
import { createIcon } from './icons.ts'

export interface WallboardDrawing {
  draw(view: WallboardView): void
  /** Moves the whole picture by a fraction of its height. */
  shift(x: number, y: number): void
}

/** Draws the wallboard into the page and updates it with each view. */
export function createWallboardDrawing(document: Document, actions: StandingActions): WallboardDrawing {
  const title = element(document, 'h1', 'bar__title')
  const standingWord = element(document, 'span', 'bar__standing')
  const day = element(document, 'span', 'bar__day')
  const time = element(document, 'time', 'bar__time')
  const alarmIcon = createIcon(document)
  alarmIcon.show('alarm')
  const alarmText = element(document, 'span', 'bar__alarm-text')
  const alarmMore = element(document, 'span', 'bar__alarm-more')
  const alarm = element(document, 'p', 'bar__alarm', [alarmIcon.element, alarmText, alarmMore])
  const bar = element(document, 'header', 'bar', [title, standingWord, alarm, day, time])
  const standing = drawStanding(document, actions)
  const figures = drawFigures(document)
  const today = element(document, 'section', 'today', [figures.element])
  const calls = drawCalls(document)
  const agents = drawAgents(document)
  const tickets = drawTickets(document)
  const board = element(document, 'div', 'board', [
    calls.element,
    element(document, 'aside', 'side', [agents.element, tickets.element]),
  ])
  const wallboard = element(document, 'div', 'wallboard', [bar, standing.element, today, board])
  document.body.append(wallboard)
  return {
    draw(view) {
      setData(wallboard, 'tone', view.standing.tone)
      setText(title, view.title)
      setText(standingWord, view.standing.tone === 'cut' ? '' : view.standing.title)
      setText(alarmText, view.alarms.text)
      setText(alarmMore, view.alarms.more)
      setShown(alarm, view.alarms.text !== '')
      setText(day, view.day)
      setText(time, view.time)
      standing.update(view.standing)
      figures.update(view.figures)
      if (today.ariaLabel !== view.figuresLabel) today.ariaLabel = view.figuresLabel
      calls.update(view.calls)
      agents.update(view.agents)
      tickets.update(view.tickets)
    },
    shift(x, y) {
      wallboard.style.translate = `${x * 100}vh ${y * 100}vh`
    },
  }
}
