import { DAY_MS, HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import { createClockWatch, type RetentionHealth } from './clockWatch.ts'
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
  /** The call board holds it: somebody speaks of it just now. */
  readonly isSpokenOf: (callId: string) => boolean
  /** Nothing is known of these recordings any more. */
  readonly onForgotten: (recordingIds: readonly string[]) => void
  /** One line of the audit trail for each deletion; for what failed too: it is tried again at the next sweep. `waits`: for the clock. */
  readonly onEvent: (
    event:
      | 'retention.audio-deleted'
      | 'retention.text-deleted'
      | 'retention.calls-deleted'
      | 'retention.failed'
      | 'retention.waits'
      | 'retention.goes-on',
    fields: object,
  ) => void
}

export interface Retention {
  /** Deletes what has lived long enough. One sweep at a time; a second wish waits for its own. */
  sweep(): Promise<void>
  /** Whether it deletes, or waits for a clock that leapt ahead. */
  health(): RetentionHealth
  stop(): Promise<void>
}

const SWEEP_EVERY_MS = HOUR_MS
/** Rows asked for at once: a few ms of the database's thread, between which it stores what is being said. */
const LOOK_ROWS = 200
/** Calls whose rows go in one transaction: each is some ten rows, overwritten on the disk. */
const FORGET_CALLS = 20

/** Deletes sound, text and rows when their time is over, and sound that need not be kept as soon as its call is settled. */
export function startRetention(needs: RetentionNeeds): Retention {
  const { recordings, store, clock, rules, onEvent } = needs
  const watch = createClockWatch({ marks: store, clock, onEvent })
  let turn: Promise<void> = Promise.resolve()
  let stopped = false

  /** What cannot be deleted keeps nothing else alive. */
  const each = async (
    event: 'retention.audio-deleted' | 'retention.text-deleted',
    one: Deletion,
    act: () => Promise<void>,
  ) => {
    if (stopped) return
    try {
      await act()
      onEvent(event, one)
    } catch (error) {
      onEvent('retention.failed', { ...one, error: String(error) })
    }
  }
  const unsettledOf = async (rows: readonly Deletion[]) =>
    new Set(await store.unsettled(rows.map(({ callId }) => callId)))
  /** Step by step through an ordered set, until its end. */
  const walk = async <Row>(
    untilMs: number,
    read: (batch: Batch) => Promise<readonly Row[]>,
    placeOf: (row: Row) => NonNullable<Batch['behind']>,
    act: (rows: readonly Row[]) => Promise<void>,
  ) => {
    for (let behind: Batch['behind'] = null; !stopped;) {
      const rows: readonly Row[] = await read({ untilMs, behind, limit: LOOK_ROWS })
      if (rows.length > 0) await act(rows)
      const last = rows.at(-1)
      if (last === undefined || rows.length < LOOK_ROWS) return
      behind = placeOf(last)
    }
  }

  const sound = async (nowMs: number) => {
    for (const batch of chunks(recordings.list(), LOOK_ROWS)) {
      if (stopped) return
      const ids = batch.map(({ recordingId }) => recordingId)
      const done = new Map((await store.progressOf(ids)).map((row) => [row.recordingId, row.doneAtMs]))
      const audio = batch.map(({ recordingId, callId, updatedAtMs }): KeptAudio => ({
        recordingId,
        callId,
        doneAtMs: done.get(recordingId) ?? null,
        touchedAtMs: updatedAtMs,
      }))
      // Asked last: what is settled now was so before, while a call may become unsettled in between only by a late draft.
      const unsettled = await unsettledOf(audio)
      for (const one of planRetention({ audio, text: [], unsettled, rules, nowMs }).audio)
        await each('retention.audio-deleted', one, () => recordings.remove(one.recordingId, 'retention'))
    }
  }
  const text = async (nowMs: number) => {
    const held = new Set(recordings.list().map(({ recordingId }) => recordingId))
    const asAudio = (one: Deletion): KeptAudio => ({ ...one, doneAtMs: null, touchedAtMs: nowMs })
    await walk(
      nowMs - rules.transcriptDays * DAY_MS,
      store.oldText,
      ({ newestAtMs, recordingId }) => ({ atMs: newestAtMs, id: recordingId }),
      async (rows) => {
        const audio = rows.filter(({ recordingId }) => held.has(recordingId)).map(asAudio)
        const unsettled = await unsettledOf(rows)
        for (const one of planRetention({ audio, text: rows, unsettled, rules, nowMs }).text)
          await each('retention.text-deleted', one, () => store.removeText(one.recordingId))
      },
    )
  }
  const rows = async (nowMs: number) => {
    const heldCalls = new Set<string>(recordings.list().map(({ callId }) => callId))
    const { untilMs, changedUntilMs } = rowsUntil(rules, nowMs)
    const isInUse = (ids: readonly string[]) => ids.some((id) => heldCalls.has(id) || needs.isSpokenOf(id))
    await walk(
      untilMs,
      store.oldCalls,
      ({ startedAtMs, callId }) => ({ atMs: startedAtMs, id: callId }),
      async (calls) => {
        const over = calls.filter(({ ids }) => !isInUse(ids)).map(({ callId }) => callId)
        for (const batch of chunks(over, FORGET_CALLS)) {
          if (stopped) return
          const gone = await store.forgetCalls(batch, changedUntilMs)
          if (gone.callIds.length > 0) onEvent('retention.calls-deleted', { calls: gone.callIds.length })
          needs.onForgotten(gone.recordingIds)
        }
      },
    )
    const held = new Set<string>(recordings.list().map(({ recordingId }) => recordingId))
    const stray = (await store.strayRecordings(untilMs, LOOK_ROWS)).filter((id) => !held.has(id))
    if (stray.length === 0) return
    await store.forgetRecordings(stray)
    needs.onForgotten(stray)
  }
  const failed = (error: unknown) => onEvent('retention.failed', { error: String(error) })
  /** What fails in one of them keeps none of the others. One moment for all: the clock may leap in the middle of it. */
  const carryOut = async () => {
    const nowMs = stopped ? undefined : await watch.believedMs().catch(failed)
    if (nowMs === undefined) return
    for (const part of [sound, text, rows]) if (!stopped) await part(nowMs).catch(failed)
  }

  const sweep = () => {
    turn = turn.then(carryOut)
    return turn
  }
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
    health: () => watch.health(),
    async stop() {
      stopped = true
      cancel()
      await turn
    },
  }
}

function* chunks<Value>(values: readonly Value[], size: number): Generator<readonly Value[]> {
  for (let at = 0; at < values.length; at += size) yield values.slice(at, at + size)
}
