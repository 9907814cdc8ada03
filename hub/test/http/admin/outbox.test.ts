import { expect, it, onTestFinished } from 'vitest'
import { createOpenRowsStore } from '../../../src/database/openRowsStore.ts'
import type { OutboxView } from '../../../src/http/admin/messages.ts'
import { outboxRoutes } from '../../../src/http/admin/outbox.ts'
import { aRetentionDatabase } from '../../../testing/retentionDatabase.ts'

const NOW_MS = Date.UTC(2026, 10, 21)
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const blocked = {
  at: 'blocked',
  reason: 'mapping',
  detail: 'no such form',
  attempts: 2,
  unconfirmedSinceMs: null,
}
const settling = { at: 'settling', dueAtMs: NOW_MS + 5, attempts: 1, unconfirmedSinceMs: NOW_MS, searches: 0 }
const done = { at: 'done', ticketId: '1' }
const waiting = { at: 'waiting', dueAtMs: NOW_MS, attempts: 0, unconfirmedSinceMs: null }

async function aPage(rows: readonly { rowId: number; at: string; rowJson: string }[]) {
  const world = await aRetentionDatabase()
  onTestFinished(() => world[Symbol.asyncDispose]())
  world.write((sqlite) => {
    sqlite.pragma('foreign_keys = OFF')
    const insert = sqlite.prepare("insert into outbox (rowId, draftId, callId, kind, at, dueAtMs, rowJson) values (?, ?, '01JCALL000000001', 'comment', ?, 0, ?)") // prettier-ignore
    sqlite.transaction(() => {
      for (const { rowId, at, rowJson } of rows) insert.run(rowId, `draft-${String(rowId).padStart(6, '0')}`, at, rowJson) // prettier-ignore
    })()
  })
  const routes = outboxRoutes({
    outbox: { unblock: async () => undefined, blocked: () => [] },
    openRows: createOpenRowsStore(world.database),
    log,
  })
  const ask = async (query = '') =>
    (await (await routes.request(`/api/admin/outbox${query}`)).json()) as OutboxView
  return { ask, took: world.took }
}
const aRow = (rowId: number, state: { at: string }) => ({
  rowId,
  at: state.at,
  rowJson: JSON.stringify({
    write: { kind: 'comment', marker: 'm', body: 'words that were spoken', file: 'spoken' },
    state,
  }),
})

it('lists blocked writes first, with reason, uncertainty and next attempt, without the text of a comment', async () => {
  const { ask } = await aPage([aRow(1, waiting), aRow(2, settling), aRow(3, blocked), aRow(4, done)])
  const view = await ask()
  expect(view.writes.map(({ rowId }) => rowId)).toEqual([3, 2, 1])
  expect(view.writes[0]).toMatchObject({ at: 'blocked', reason: 'mapping', detail: 'no such form', attempts: 2, dueAtMs: null }) // prettier-ignore
  expect(view.writes[1]).toMatchObject({ at: 'settling', uncertainSinceMs: NOW_MS, dueAtMs: NOW_MS + 5 })
  expect(JSON.stringify(view)).not.toContain('spoken')
})

it('lists a hundred writes at a time and counts the rest, so that an outage of a day does not overload hub and page', async () => {
  const rows = Array.from({ length: 1_200 }, (_, index) => aRow(index + 1, waiting))
  const { ask } = await aPage([...rows, aRow(5_000, blocked)])
  const first = await ask()
  expect(first.writes).toHaveLength(100)
  expect(first.writes[0]).toMatchObject({ rowId: 5_000 })
  expect(first.moreWrites).toBe(1_101)
  const seen = new Set<number>()
  for (let page = 1; page <= 13; page += 1)
    for (const { rowId } of (await ask(`?writes=${page}`)).writes) seen.add(rowId)
  expect(seen.size).toBe(1_201)
  expect(await ask('?writes=14')).toMatchObject({ writes: [], moreWrites: 0 })
  expect(await ask('?writes=nonsense')).toEqual(first)
})

it('counts rows of another version of the hub as unreadable instead of hiding them', async () => {
  const { ask } = await aPage([
    aRow(1, waiting),
    aRow(2, { at: 'teleporting' }),
    { rowId: 3, at: 'blocked', rowJson: '{}' },
  ])
  const view = await ask()
  expect(view.writes).toHaveLength(1)
  expect(view.unreadable).toBe(2)
})
