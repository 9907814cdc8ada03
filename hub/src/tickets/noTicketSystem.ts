import type { TicketSystem } from './outbox/ports.ts'

const notConfigured = {
  is: 'refused',
  reason: 'sign-in',
  detail: 'NinjaOne is not configured: set ninjaone.host, clientId and clientSecret, then sign in.',
} as const

/** Stands in while NinjaOne is not configured: drafts are blocked with the remedy, nothing is lost. */
export const noTicketSystem: TicketSystem = {
  createTicket: () => Promise.resolve(notConfigured),
  addComment: () => Promise.resolve(notConfigured),
  findTickets: () => Promise.resolve(notConfigured),
  findComments: () => Promise.resolve(notConfigured),
  ticketUrl: () => undefined,
}
