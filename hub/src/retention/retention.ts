import {
  HOUR_MS,
  callId as callIdSchema,
  recordingId as recordingIdSchema,
  type Clock,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import { planRetention, type Deletion, type RetentionPlan, type RetentionRules } from './planRetention.ts'

export interface RetentionStore {
  all(): Promise<readonly { recordingId: string; callId: string; doneAtMs: number | null }[]>
  /** Recordings that still have text. */
  kept(): Promise<readonly { recordingId: string; callId: string; newestAtMs: number }[]>
  removeText(recordingId: RecordingId): Promise<void>
  /** Calls, by every id they have, whose draft is open or whose ticket is not wholly filed. */
  unsettledCalls(): Promise<readonly string[]>
}

export interface RetentionNeeds {
  readonly recordings: Pick<RecordingStore, 'list' | 'remove'>
  readonly store: RetentionStore
  readonly clock: Clock
  readonly rules: RetentionRules
  /** One line of the audit trail for each deletion; for what failed too: it is tried again at the next sweep. */
  readonly onEvent: (
    event: 'retention.audio-deleted' | 'retention.text-deleted' | 'retention.failed',
    fields: object,
  ) => void
}

export interface Retention {
  /** Deletes what has lived long enough. One sweep at a time; a second wish waits for its own. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

const SWEEP_EVERY_MS = HOUR_MS

/** Deletes sound and text when their time is over, and sound that need not be kept as soon as its call is settled. */
export function startRetention(needs: RetentionNeeds): Retention {
  const { recordings, store, clock, rules, onEvent } = needs
  let turn: Promise<void> = Promise.resolve()
  let stopped = false

  const look = async (): Promise<RetentionPlan> => {
    const progress = new Map((await store.all()).map((row) => [row.recordingId, row]))
    const doneAtMs = (recordingId: string) => progress.get(recordingId)?.doneAtMs ?? null
    const audio = recordings.list().map(({ recordingId, callId, updatedAtMs }) => ({
      recordingId,
      callId,
      doneAtMs: doneAtMs(recordingId),
      touchedAtMs: updatedAtMs,
    }))
    const text = (await store.kept()).map((row) => ({
      recordingId: recordingIdSchema.parse(row.recordingId),
      callId: callIdSchema.parse(row.callId),
      doneAtMs: doneAtMs(row.recordingId),
      newestAtMs: row.newestAtMs,
    }))
    // Asked last: what is settled now was so before, while a call may become unsettled in between only by a late draft.
    const unsettled = new Set(await store.unsettledCalls())
    return planRetention({ audio, text, unsettled, rules, nowMs: clock.nowMs() })
  }

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
  const carryOut = async () => {
    const plan = await look()
    for (const one of plan.audio)
      await each('retention.audio-deleted', one, () => recordings.remove(one.recordingId, 'retention'))
    for (const one of plan.text)
      await each('retention.text-deleted', one, () => store.removeText(one.recordingId))
  }

  const sweep = () => {
    turn = turn
      .then(() => (stopped ? undefined : carryOut()))
      .catch((error: unknown) => onEvent('retention.failed', { error: String(error) }))
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
    async stop() {
      stopped = true
      cancel()
      await turn
    },
  }
}
