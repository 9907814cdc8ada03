import { createSerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import { createClockWatch, type ClockWatch, type RetentionHealth } from './clockWatch.ts'
import {
  planRetention,
  rowsUntil,
  type Deletion,
  type KeptAudio,
  type RetentionRules,
} from './planRetention.ts'
import type { Batch, RetentionStore } from './retentionStore.ts'

export interface RetentionNeeds {
  readonly recordings: Pick<RecordingStore, 'list' | 'remove'>
  readonly store: RetentionStore
  readonly clock: Clock
  readonly rules: RetentionRules
  /** Returns whether the call board has the call: somebody still reports it. */
  readonly isOnBoard: (callId: string) => boolean
  /** Called with recordings of which no row is left. */
  readonly onForgotten: (recordingIds: readonly string[]) => void
  /** One line of the audit trail for each deletion; also for a failure, which the next sweep retries. `suspended`: by the clock. */
  readonly log: (
    event:
      | 'retention.audio-deleted'
      | 'retention.text-deleted'
      | 'retention.calls-deleted'
      | 'retention.failed'
      | 'retention.suspended'
      | 'retention.resumed',
    fields: object,
  ) => void
}

/**
 * Deletes audio, text and rows once their time is over. It is idle between the hourly sweeps; while the wall clock is suspect
 * (clockTrust.ts) a sweep deletes nothing. Knows nothing of tables: those live in database/retentionStore.ts.
 */
export interface Retention {
  /** Resolves once everything expired is deleted; one sweep at a time, a second call runs after the first. Never rejects. */
  sweep(): Promise<void>
  /** Returns `degraded` while deletion is suspended because the clock leapt ahead. */
  health(): RetentionHealth
  stop(): Promise<void>
}

const SWEEP_EVERY_MS = HOUR_MS
/** Rows read at once: a few ms of the database's thread, between which it stores finals. */
const READ_ROWS = 200
/** Calls whose rows are deleted in one transaction: each has some ten rows, overwritten on the disk. */
const DELETE_CALLS = 20

interface State {
  readonly needs: RetentionNeeds
  readonly watch: ClockWatch
  stopped: boolean
}

/** Starts the hourly sweeps; the first one comes after an hour, or by `sweep`. */
export function startRetention(needs: RetentionNeeds): Retention {
  const { store, clock, log } = needs
  const state: State = {
    needs,
    watch: createClockWatch({ marks: store, clock, log }),
    stopped: false,
  }
  const queue = createSerialQueue()
  const sweep = () => queue.run(() => sweepAll(state))
  let cancel: () => void = () => undefined
  const schedule = () => {
    cancel = clock.after(SWEEP_EVERY_MS, () => {
      void sweep()
      schedule()
    })
  }
  schedule()
  return {
    sweep,
    health: () => state.watch.health(),
    async stop() {
      state.stopped = true
      cancel()
      await queue.idle()
    },
  }
}

/** A failure in one of the three keeps none of the others. One time for all: the clock may leap in the middle of a sweep. */
async function sweepAll(state: State): Promise<void> {
  const failed = (error: unknown) => state.needs.log('retention.failed', { error: String(error) })
  const nowMs = state.stopped ? undefined : await state.watch.trustedNowMs().catch(failed)
  if (nowMs === undefined) return
  for (const sweepOne of [sweepAudio, sweepText, sweepCalls])
    if (!state.stopped) await sweepOne(state, nowMs).catch(failed)
}

async function sweepAudio(state: State, nowMs: number): Promise<void> {
  const { recordings, store, rules } = state.needs
  // A seal that is not yet flushed: its agent is not yet notified that the recording is safe, and would send it all again.
  const settled = recordings.list().filter(({ sealed, durable }) => !sealed || durable)
  for (const batch of chunks(settled, READ_ROWS)) {
    if (state.stopped) return
    const ids = batch.map(({ recordingId }) => recordingId)
    const done = new Map((await store.progressOf(ids)).map((row) => [row.recordingId, row.doneAtMs]))
    const audio = batch.map(({ recordingId, callId, updatedAtMs }): KeptAudio => ({
      recordingId,
      callId,
      doneAtMs: done.get(recordingId) ?? null,
      touchedAtMs: updatedAtMs,
    }))
    // Asked last: a call settled now was so before, while a call may become unsettled in between only by a late draft.
    const unsettled = await unsettledOf(state, audio)
    for (const one of planRetention({ audio, text: [], unsettled, rules, nowMs }).audio)
      await deleteOne(state, 'retention.audio-deleted', one, () =>
        recordings.remove(one.recordingId, 'retention'),
      )
  }
}

async function sweepText(state: State, nowMs: number): Promise<void> {
  const { recordings, store, rules } = state.needs
  const stored = new Set(recordings.list().map(({ recordingId }) => recordingId))
  const asAudio = (one: Deletion): KeptAudio => ({ ...one, doneAtMs: null, touchedAtMs: nowMs })
  await eachBatch(state, {
    untilMs: nowMs - rules.transcriptDays * DAY_MS,
    read: store.oldText,
    keyOf: ({ newestAtMs, recordingId }) => ({ atMs: newestAtMs, id: recordingId }),
    async handle(rows) {
      const audio = rows.filter(({ recordingId }) => stored.has(recordingId)).map(asAudio)
      const unsettled = await unsettledOf(state, rows)
      for (const one of planRetention({ audio, text: rows, unsettled, rules, nowMs }).text)
        await deleteOne(state, 'retention.text-deleted', one, () => store.removeText(one.recordingId))
    },
  })
}

async function sweepCalls(state: State, nowMs: number): Promise<void> {
  const { recordings, store, rules, isOnBoard, onForgotten, log } = state.needs
  const callsWithAudio = new Set<string>(recordings.list().map(({ callId }) => callId))
  const { untilMs, changedUntilMs } = rowsUntil(rules, nowMs)
  const isInUse = (ids: readonly string[]) => ids.some((id) => callsWithAudio.has(id) || isOnBoard(id))
  await eachBatch(state, {
    untilMs,
    read: store.oldCalls,
    keyOf: ({ startedAtMs, callId }) => ({ atMs: startedAtMs, id: callId }),
    async handle(calls) {
      const expired = calls.filter(({ ids }) => !isInUse(ids)).map(({ callId }) => callId)
      for (const batch of chunks(expired, DELETE_CALLS)) {
        if (state.stopped) return
        const deleted = await store.forgetCalls(batch, changedUntilMs)
        if (deleted.callIds.length > 0) log('retention.calls-deleted', { calls: deleted.callIds.length })
        onForgotten(deleted.recordingIds)
      }
    },
  })
  const stored = new Set<string>(recordings.list().map(({ recordingId }) => recordingId))
  const stray = (await store.strayRecordings(untilMs, READ_ROWS)).filter((id) => !stored.has(id))
  if (stray.length === 0) return
  await store.forgetRecordings(stray)
  onForgotten(stray)
}

/** Deletes one recording's audio or text and logs it; a failure is logged, and keeps no other deletion from happening. */
async function deleteOne(
  { needs, stopped }: State,
  event: 'retention.audio-deleted' | 'retention.text-deleted',
  deletion: Deletion,
  remove: () => Promise<void>,
): Promise<void> {
  if (stopped) return
  try {
    await remove()
    needs.log(event, deletion)
  } catch (error) {
    needs.log('retention.failed', { ...deletion, error: String(error) })
  }
}

async function unsettledOf({ needs }: State, rows: readonly Deletion[]): Promise<ReadonlySet<string>> {
  return new Set(await needs.store.unsettled(rows.map(({ callId }) => callId)))
}

/** Reads an ordered set batch by batch, until its end or until retention stops. */
async function eachBatch<Row>(
  state: State,
  {
    untilMs,
    read,
    keyOf,
    handle,
  }: {
    readonly untilMs: number
    readonly read: (batch: Batch) => Promise<readonly Row[]>
    readonly keyOf: (row: Row) => NonNullable<Batch['after']>
    readonly handle: (rows: readonly Row[]) => Promise<void>
  },
): Promise<void> {
  for (let after: Batch['after'] = null; !state.stopped;) {
    const rows: readonly Row[] = await read({ untilMs, after, limit: READ_ROWS })
    if (rows.length > 0) await handle(rows)
    const last = rows.at(-1)
    if (last === undefined || rows.length < READ_ROWS) return
    after = keyOf(last)
  }
}

function* chunks<Value>(values: readonly Value[], size: number): Generator<readonly Value[]> {
  for (let first = 0; first < values.length; first += size) yield values.slice(first, first + size)
}
