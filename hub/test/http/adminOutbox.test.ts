import { expect, it } from 'vitest'
import type { OutboxView } from '../../src/http/adminMessages.ts'
import { adminOutboxRoutes } from '../../src/http/adminOutbox.ts'

const NOW_MS = Date.UTC(2026, 10, 21)
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const aRow = (rowId: number, state: object, change: object = {}) => ({
  rowId,
  draftId: 'draft-0001',
  callId: '01JCALL000000001',
  write: { kind: 'comment', marker: 'm', body: 'words that were spoken' },
  state,
  ...change,
})
const blocked = { at: 'blocked', reason: 'mapping', detail: 'no such form', attempts: 2, doubtSinceMs: null }
const settling = { at: 'settling', dueAtMs: NOW_MS + 5, attempts: 1, doubtSinceMs: NOW_MS, looks: 0 }
const waiting = { at: 'waiting', dueAtMs: NOW_MS, attempts: 0, doubtSinceMs: null }

async function shown(rows: readonly unknown[]): Promise<OutboxView> {
  const routes = adminOutboxRoutes({
    outbox: { unblock: async () => undefined, blocked: () => [] },
    openWrites: async () => rows,
    openDrafts: async () => [],
    log,
  })
  const answer = await routes.request('/api/admin/outbox')
  return (await answer.json()) as OutboxView
}

it('lists the worst first with reason, doubt and next try, without the text of a comment', async () => {
  const view = await shown([aRow(1, waiting), aRow(2, settling), aRow(3, blocked)])
  expect(view.writes.map(({ rowId }) => rowId)).toEqual([3, 2, 1])
  expect(view.writes[0]).toMatchObject({ at: 'blocked', reason: 'mapping', detail: 'no such form', attempts: 2, dueAtMs: null }) // prettier-ignore
  expect(view.writes[1]).toMatchObject({ at: 'settling', doubtSinceMs: NOW_MS, dueAtMs: NOW_MS + 5 })
  expect(JSON.stringify(view)).not.toContain('spoken')
})

it('lists at most two hundred and counts the rest, so that an outage of a day does not drown hub and page', async () => {
  const rows = Array.from({ length: 1_200 }, (_, rowId) => aRow(rowId, waiting))
  const view = await shown([...rows, aRow(5_000, blocked)])
  expect(view.writes).toHaveLength(200)
  expect(view.writes[0]).toMatchObject({ rowId: 5_000 })
  expect(view.moreWrites).toBe(1_001)
})

it('tells rows that another version of the hub made, instead of hiding them', async () => {
  const view = await shown([aRow(1, waiting), { rowId: 2, state: { at: 'teleporting' } }, 'nonsense'])
  expect(view.writes).toHaveLength(1)
  expect(view.unreadable).toBe(2)
})
