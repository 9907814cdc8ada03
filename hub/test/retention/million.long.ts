import type SQLite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { aRetentionDatabase, daysAgo } from '../../testing/retentionDatabase.ts'

const CALLS = 12_500
const LINES = 80

/** Stores a year of a busy site: a million utterances, of which the oldest tenth has expired. */
function fill(sqlite: SQLite.Database): void {
  const age = `iif(i < ${CALLS / 10}, ${daysAgo(125)}, ${daysAgo(20)}) + i`
  const numbers = (to: number) =>
    `with recursive n(i) as (select 0 union all select i + 1 from n where i < ${to - 1})`
  sqlite.exec(`
    begin;
    ${numbers(CALLS)} insert into call (callId, agentId, extension, phase, startedAtMs, endedAtMs, callJson)
      select printf('CALL-%08d', i), 'agent', '101', 'done', ${age}, null, '{}' from n;
    ${numbers(CALLS)} insert into callAlias select printf('ALIAS-%08d', i), printf('CALL-%08d', i) from n;
    ${numbers(CALLS)} insert into draft (draftId, callId, agentId, at, updatedAtMs, draftJson)
      select printf('draft-%08d', i), printf('CALL-%08d', i), 'agent', 'filed', ${age}, '{"draft":{"fields":{}}}' from n;
    ${numbers(CALLS)} insert into outbox (draftId, callId, kind, at, dueAtMs, rowJson)
      select printf('draft-%08d', i), printf('CALL-%08d', i), 'ticket', 'done', 0, '{"write":{"subject":"x"}}' from n;
    ${numbers(CALLS)} insert into recordingProgress (recordingId, callId, fence, doneAtMs, erasedAtMs, textAtMs)
      select printf('recording-%08d', i), printf('CALL-%08d', i), 1, ${age}, null, ${age} from n;
    ${numbers(CALLS * LINES)} insert into utterance
      select printf('utterance-%08d', i), printf('recording-%08d', i / ${LINES}), printf('CALL-%08d', i / ${LINES}), 'agent', 1,
        (i % ${LINES}) * 1000, (i % ${LINES}) * 1000 + 900,
        '{"atMs":' || (${daysAgo(100)} + i) || ',"text":"' || printf('%.300c', 'x') || '"}' from n;
    commit`)
}

it('reads a million utterances in steps of a few ms', async () => {
  await using world = await aRetentionDatabase()
  world.write(fill)
  const before = { ms: 0 }
  world.write((sqlite) => {
    const startedMs = performance.now()
    sqlite.prepare(`select recordingId, callId, max(utteranceJson ->> 'atMs') from utterance group by recordingId, callId`).all() // prettier-ignore
    sqlite.prepare('select * from callAlias').all()
    sqlite.prepare('select * from recordingProgress').all()
    before.ms = performance.now() - startedMs
  })
  world.took.length = 0
  const startedMs = performance.now()
  await world.retention.sweep()
  const sweepMs = performance.now() - startedMs
  const names = ['oldText', 'unsettled', 'remove', 'oldCalls', 'deleteCalls']
  const worstMs = Object.fromEntries(
    names.map((name) => [
      name,
      Math.max(
        ...world.took
          .filter(({ command }) => command.includes(name))
          .map(({ ms }) => Math.round(ms * 10) / 10),
      ),
    ]),
  )
  expect(world.count('utterance')).toBe((CALLS * LINES * 9) / 10)
  expect(world.count('call')).toBe((CALLS * 9) / 10)
  world.took.length = 0
  await world.retention.sweep() // the hourly one, with nothing to delete
  const idleMs = world.took.reduce((sum, { ms }) => sum + ms, 0)
  const idleWorstMs = Math.max(...world.took.map(({ ms }) => ms))
  console.log(
    JSON.stringify({
      utterances: CALLS * LINES,
      oneLookBeforeMs: Math.round(before.ms),
      hourlyLookNowMs: Math.round(idleMs * 10) / 10,
      hourlyWorstCommandMs: Math.round(idleWorstMs * 10) / 10,
      ratio: Math.round(before.ms / idleMs),
      deletingATenthMs: Math.round(sweepMs),
      worstMs,
    }),
  )
  expect(before.ms / idleWorstMs).toBeGreaterThan(20)
})
