import type { CallId } from '@3cx-ninja/protocol'
import { hasNoRecording } from './draftContent.ts'
import { stepDraft } from './draftMachine.ts'
import type { DraftRecord } from './draftRecord.ts'
import type { DraftsState } from './draftsState.ts'
import { schedule } from './draftTimers.ts'
import type { TimedUtterance } from './writes.ts'

// A call that went from one technician to another by the PBX's word has one draft, that of the technician who talks last:
// the drafts of the earlier calls are handed over to it, and all their text stands in it. A draft that was decided before the
// transfer stays what it is. Rule C11.

/**
 * Takes the undecided drafts of the calls that this one continues into its own, and resolves with the record as it must be
 * stored next: with what their technicians had typed. Call it inside `serially` of the call. A repetition changes nothing.
 */
export async function inherit(state: DraftsState, heir: DraftRecord): Promise<DraftRecord> {
  let { edited } = heir
  for (const callId of heir.call.continues ?? []) {
    state.heirs.set(callId, heir.draft.callId)
    const taken = await state.cache.serially(callId, () => handOver(state, callId, heir))
    if (taken) edited = { ...taken.edited, ...edited }
  }
  return { ...heir, edited }
}

/** Resolves with the draft of this call once it is handed over to the heir; undefined where there is none, or it was decided. */
async function handOver(
  state: DraftsState,
  callId: CallId,
  heir: DraftRecord,
): Promise<DraftRecord | undefined> {
  const { cache, needs } = state
  const record = await cache.find(callId)
  if (!record || record.handedOverTo !== undefined) return record && isOf(heir)(record) ? record : undefined
  if (heir.lifecycle.sent || isDecided(heir)) return undefined
  const event = { kind: 'handed-over', note: needs.texts().continuesWith(technicianOf(heir)) } as const
  const outcome = stepDraft(record.lifecycle, event, needs.clock.nowMs(), needs.rules)
  if (!outcome.ok || outcome.lifecycle === record.lifecycle) return undefined
  state.seen.delete(record.draft.draftId)
  const handed = { ...record, lifecycle: outcome.lifecycle, handedOverTo: heir.draft.callId }
  const stored = await cache.save(handed)
  schedule(state, stored)
  return stored
}

/** Resolves with everything that was said in the call and in those that it continues, in order, each line with its technician. */
export async function spokenIn(state: DraftsState, record: DraftRecord): Promise<readonly TimedUtterance[]> {
  const own = await state.needs.utterancesOf(record.draft.callId)
  const earlier = await handedOverTo(state, record)
  if (earlier.length === 0) return own
  const texts = await Promise.all(
    [...earlier, record].map(async (one) => {
      const said = one === record ? own : await spokenIn(state, one)
      return said.map((line) => ({ agentName: one.call.agentName ?? '', ...line }))
    }),
  )
  return texts.flat().sort((a, b) => a.atMs - b.atMs)
}

/** Resolves with whether the text of the call, and of those that it continues, is complete. */
export async function isTranscribed(state: DraftsState, record: DraftRecord): Promise<boolean> {
  if (!state.transcribed.has(record.draft.callId)) return false
  return areTranscribed(state, await handedOverTo(state, record))
}

async function areTranscribed(state: DraftsState, records: readonly DraftRecord[]): Promise<boolean> {
  for (const record of records) {
    const isDone = record.draft.transcript === 'complete' || state.transcribed.has(record.draft.callId)
    if (!isDone && !hasNoRecording(record.call)) return false
    if (!(await areTranscribed(state, await handedOverTo(state, record)))) return false
  }
  return true
}

/** Forgets that the call, and those that it continues, are transcribed: their draft has all of it. */
export async function forgetTranscribed(state: DraftsState, record: DraftRecord): Promise<void> {
  state.transcribed.delete(record.draft.callId)
  for (const one of await handedOverTo(state, record)) await forgetTranscribed(state, one)
}

/** Resolves with the drafts that were handed over to this one. */
async function handedOverTo(state: DraftsState, heir: DraftRecord): Promise<readonly DraftRecord[]> {
  const found = await Promise.all((heir.call.continues ?? []).map((callId) => state.cache.find(callId)))
  return found.filter((one): one is DraftRecord => one !== undefined && isOf(heir)(one))
}

const isOf = (heir: DraftRecord) => (record: DraftRecord) => record.handedOverTo === heir.draft.callId

const isDecided = ({ lifecycle: { state } }: DraftRecord) =>
  ['filing', 'filed', 'discarded', 'blocked'].includes(state.at)

const technicianOf = ({ call: { agentName, extension } }: DraftRecord) => agentName || extension
