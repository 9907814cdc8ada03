import type { CallId } from '@3cx-ninja/protocol'
import type { DraftRecord } from './draftRecord.ts'
import type { DraftsState } from './draftsState.ts'
import { offerDraft } from './draftSteps.ts'
import { retryUntilStored } from './draftTimers.ts'
import { analyzed, saveDraft, writeContext } from './saveDraft.ts'

// What an erasure leaves of a draft: the facts of the call and what became of the ticket. A draft that can still change is
// analyzed again from what is left, and keeps what its technician typed: it is still his to file. Of a decided one no text stays.

/**
 * Erases what was said from the call's draft, from its writes, and from the draft of a colleague in which the call goes on.
 * `refreshHeir` does the last where that draft can still change. Resolves after the first try; a failed store is retried.
 */
export async function eraseDraft(
  state: DraftsState,
  callId: CallId,
  refreshHeir: (state: DraftsState, callId: CallId) => void,
): Promise<void> {
  const heir = state.heirs.get(callId)
  await retryUntilStored(state, 'draft.erased', callId, () => eraseOne(state, callId, refreshHeir))
  if (heir !== undefined) await retryUntilStored(state, 'draft.erased', heir, () => eraseDecided(state, heir))
}

async function eraseOne(
  state: DraftsState,
  callId: CallId,
  refreshHeir: (state: DraftsState, callId: CallId) => void,
): Promise<void> {
  if (await eraseDecided(state, callId)) return refreshHeir(state, callId)
  const record = state.cache.of(callId)
  if (!record) return
  const call = { ...record.call, recording: 'erased' as const }
  const draft = { ...record.draft, transcript: 'none' as const }
  await saveDraft(state, await analyzed(state, { ...record, call, draft }))
  refreshHeir(state, callId)
  await offerDraft(state, callId)
}

/** Resolves with whether the draft was decided, and then has no text any more, nor have its writes. */
async function eraseDecided(state: DraftsState, callId: CallId): Promise<boolean> {
  const record = await state.cache.find(callId)
  if (!record || !isDecided(record)) return false
  const { texts } = writeContext(state)
  await state.needs.outbox.erase(callId, texts.erased, texts.phoneCall)
  await saveDraft(state, withoutText(record))
  return true
}

function isDecided({ lifecycle: { sent, state } }: DraftRecord): boolean {
  return sent || state.at === 'filed' || state.at === 'discarded'
}

function withoutText(record: DraftRecord): DraftRecord {
  const { draft, call, lifecycle } = record
  const { state } = lifecycle
  const isTypedNote = state.at === 'discarded' && record.handedOverTo === undefined
  return {
    ...record,
    call: { ...call, recording: 'erased' },
    draft: {
      ...draft,
      fields: { ...draft.fields, title: '', description: '', actions: [] },
      evidence: { category: [], priority: [], sentiment: [] },
    },
    // The note of a transfer is the hub's own sentence; any other one is what the technician typed.
    lifecycle: { ...lifecycle, state: isTypedNote ? { ...state, note: undefined } : state },
    edited: {},
    commented: true, // no late transcript follows
  }
}
