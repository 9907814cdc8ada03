import { expect, it } from 'vitest'
import { HOUR_MS } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../../protocol/testing/fakeClock.ts'
import { openOutbox } from '../../../src/tickets/outbox/outbox.ts'
import type { OutboxEntry } from '../../../src/tickets/outbox/rows.ts'
import { noHelpdesk } from '../../../src/helpdesk/noHelpdesk.ts'

/** Drafts of a large company over days without NinjaOne; more than V8 accepts as arguments of one function call. */
const DRAFTS = 75_000

/** Returns a ticket and its comment for each draft, attempted before and due in an hour. */
function openRows(dueAtMs: number): OutboxEntry[] {
  const state = { at: 'waiting', dueAtMs, attempts: 3, unconfirmedSinceMs: null } as const
  return Array.from({ length: DRAFTS }, (_, index) => {
    const number = String(index).padStart(8, '0')
    const of = { draftId: `draft-${number}`, callId: `call-${number}`, state } as unknown as OutboxEntry // ids are branded words
    const marker = `call-${number}`
    const ticket = { kind: 'ticket', marker, subject: 's', description: 'd', priority: 'LOW', organizationId: '1', requesterId: null } as const // prettier-ignore
    return [
      { ...of, rowId: 2 * index + 1, write: ticket },
      { ...of, rowId: 2 * index + 2, write: { kind: 'comment', marker, body: 'b' } as const },
    ]
  }).flat()
}

it('starts with the writes of a days-long outage, and reads each of them once', async () => {
  const clock = createFakeClock()
  const rows = openRows(clock.nowMs() + HOUR_MS)
  const asked: number[] = []
  const events: string[] = []
  const outbox = await openOutbox({
    store: {
      open(afterRowId) {
        asked.push(afterRowId)
        return Promise.resolve(rows.filter(({ rowId }) => rowId > afterRowId))
      },
      save: () => Promise.resolve(),
      ticketOf: () => Promise.resolve(undefined),
    },
    tickets: noHelpdesk({ kind: 'none', name: 'The helpdesk', setUp: '' }).tickets,
    clock,
    random: () => 0.5,
    rules: { settleMs: 60_000, retry: { firstMs: 2_000, maxMs: 300_000, factor: 2 } },
    onEvent: (_level, event) => void events.push(event),
  })
  while (asked.length < 4) {
    await clock.advance(15_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(outbox.waiting()).toBe(2 * DRAFTS)
  expect(asked).toEqual([0, ...asked.slice(1).map(() => 2 * DRAFTS)])
  expect(events).toEqual([])
  await outbox.stop()
})
