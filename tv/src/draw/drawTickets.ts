import type { TicketRow, TicketsView } from '../view/ticketsView.ts'
import { element, keyedList, setData, setShown, setText, type Drawn } from './element.ts'
import { createIcon } from './icons.ts'

/** Draws the tickets of today, newest first. */
export function drawTickets(document: Document): Drawn<TicketsView> {
  const title = element(document, 'h2', 'section__title')
  const more = element(document, 'span', 'section__more')
  const list = element(document, 'ul', 'tickets__list')
  const empty = element(document, 'p', 'empty')
  const section = element(document, 'section', 'tickets', [
    element(document, 'header', 'section__head', [title, more]),
    list,
    empty,
  ])
  const updateRows = keyedList<TicketRow>(list, () => drawTicket(document))
  return {
    element: section,
    update(view) {
      setText(title, view.title)
      setText(more, view.more)
      setShown(more, view.more !== '')
      setText(empty, view.empty)
      setShown(empty, view.empty !== '')
      updateRows(view.rows)
    },
  }
}

function drawTicket(document: Document): Drawn<TicketRow> {
  const icon = createIcon(document)
  const priority = element(document, 'span', 'ticket__priority')
  const priorityLabel = element(document, 'span', 'unseen')
  priority.append(icon.element, priorityLabel)
  const title = element(document, 'span', 'ticket__title')
  const time = element(document, 'span', 'ticket__time')
  const number = element(document, 'span', 'ticket__number')
  const about = element(document, 'span', 'ticket__about')
  const row = element(document, 'li', 'ticket', [priority, title, time, about, number])
  return {
    element: row,
    update(view) {
      setData(row, 'priority', view.priority)
      icon.show(view.priority)
      setText(priorityLabel, view.priorityLabel)
      setText(title, view.title)
      setText(time, view.time)
      setText(number, view.number)
      setText(about, view.about)
    },
  }
}
