import type { Helpdesk } from './helpdesk.ts'

/** Stands in while no account is set: writes are blocked with the remedy in their detail, and nothing is lost. */
export function noHelpdesk({
  kind,
  name,
  setUp,
}: {
  readonly kind: string
  readonly name: string
  /** 'Set …': which settings give the account. */
  readonly setUp: string
}): Helpdesk {
  const outcome = { kind: 'authRequired', detail: `${name} is not configured. ${setUp}` } as const
  return {
    kind,
    name,
    host: null,
    capabilities: { commentFiles: true, maxCommentChars: 30_000 },
    organizationForUnknown: null,
    tickets: {
      createTicket: () => Promise.resolve(outcome),
      addComment: () => Promise.resolve(outcome),
      findTickets: () => Promise.resolve(outcome),
      findComments: () => Promise.resolve(outcome),
      ticketUrl: () => undefined,
    },
    directory: {
      identify: () => undefined,
      contacts: () => [],
      organizations: () => [],
      refresh: () => Promise.resolve(),
    },
    signIn: undefined,
    state: () => Promise.resolve('not-configured'),
    setUp,
    test: () => Promise.resolve({ ok: false, steps: [] }),
    stop: () => undefined,
  }
}
