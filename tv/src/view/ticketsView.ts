import type { Priority } from '@3cx-ninja/protocol'
import type { Board } from '../board/board.ts'
import type { Texts } from '../texts/texts.ts'

export interface TicketRow {
  readonly key: string
  readonly number: string
  readonly title: string
  /** Organization and technician, when they are known. */
  readonly about: string
  readonly priority: Priority
  readonly priorityLabel: string
  readonly time: string
}

export interface TicketsView {
  readonly title: string
  readonly rows: readonly TicketRow[]
  readonly more: string
  readonly empty: string
}

/** Returns the tickets of today, newest first, as many as fit. */
export function viewTickets(board: Board, room: number, texts: Texts): TicketsView {
  // Of two tickets of the same millisecond, the one sent last comes first: ids of a helpdesk have no order here.
  const newest = [...board.tickets].reverse().sort((a, b) => b.filedAtMs - a.filedAtMs)
  const shown = newest.slice(0, room)
  const hidden = newest.length - shown.length
  return {
    title: texts.t('tickets.title'),
    rows: shown.map((ticket) => ({
      key: ticket.ticketId,
      number: `#${ticket.ticketId}`,
      title: ticket.title,
      about: [ticket.organizationName, ticket.agentName].filter(Boolean).join(' · '),
      priority: ticket.priority,
      priorityLabel: texts.t(`priority.${ticket.priority}`),
      time: texts.time(ticket.filedAtMs),
    })),
    more: hidden > 0 ? texts.plural('tickets.more', hidden) : '',
    empty: newest.length > 0 || board.figures === null ? '' : texts.t('tickets.none'),
  }
}
