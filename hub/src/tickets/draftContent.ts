import { withoutUndefined, type BoardCall, type DraftFields, type DraftId } from '@3cx-ninja/protocol'
import type { Analysis } from './analysis/analysis.ts'
import type { DraftRecord } from './draftRecord.ts'
import { oneLine, truncate } from './spokenText.ts'
import type { TicketTexts } from './texts/ticketTexts.ts'

/** Returns the draft of a call whose only facts are the call's own. */
export function beginDraft(
  call: BoardCall,
  { draftId, nowMs, organizationId }: { draftId: DraftId; nowMs: number; organizationId: string | null },
): DraftRecord {
  const fields: DraftFields = {
    title: '', description: '', category: '', priority: 'MEDIUM', contactId: null, contactName: null,
    organizationId, organizationName: null, actions: [],
  } // prettier-ignore
  return {
    draft: {
      draftId,
      callId: call.callId,
      revision: 0,
      state: { at: 'collecting' },
      fields,
      sentiment: 'neutral',
      evidence: { category: [], priority: [], sentiment: [] },
      transcript: 'pending',
      extension: call.extension,
      createdAtMs: nowMs,
    },
    agentId: call.agentId ?? null,
    call,
    lifecycle: { state: { at: 'collecting' }, sinceMs: nowMs, sent: false },
    edited: {},
    endedAtMs: null,
    commented: false,
  }
}

/** Returns the draft with the fields of the analysis; fields that a technician changed stay, and texts keep the protocol's limits. */
export function fillDraft(
  record: DraftRecord,
  { sentiment, evidence, ...found }: Analysis,
  organizationForUnknown: string | null,
): DraftRecord {
  const { caller, remoteName } = record.call
  const fields: DraftFields = {
    title: truncate(found.title, 200),
    description: truncate(found.description, 20_000),
    category: truncate(found.category, 80),
    priority: found.priority,
    actions: found.actions.slice(0, 30).map(({ text, done }) => ({ text: truncate(text, 300), done })),
    contactId: caller?.contactId ?? null,
    contactName: caller?.contactName ?? remoteName ?? null,
    organizationId: caller?.organizationId ?? organizationForUnknown,
    organizationName: caller?.organizationName ?? null,
  }
  const words = (list: readonly string[]) => list.slice(0, 20).map((word) => truncate(word, 200))
  return {
    ...record,
    draft: {
      ...record.draft,
      sentiment,
      evidence: {
        category: words(evidence.category),
        priority: words(evidence.priority),
        sentiment: words(evidence.sentiment),
      },
      fields: { ...fields, ...withoutUndefined(record.edited) },
      ...(caller ? { caller } : {}),
    },
  }
}

/** Returns what the later report knows of caller and number and the earlier one did not, as lines for people. */
export function newFacts(earlier: BoardCall, later: BoardCall, texts: TicketTexts): readonly string[] {
  const callerOf = ({ caller }: BoardCall) =>
    [caller?.contactName, caller?.organizationName].filter((one) => one !== undefined).join(', ')
  const fact = (label: string, was: string | undefined, is: string | undefined) =>
    is && is !== was ? [texts.labeled(label, oneLine(is))] : []
  return [
    ...fact(texts.caller, callerOf(earlier), callerOf(later)),
    ...fact(texts.callbackNumber, earlier.remoteNumber, later.remoteNumber),
    ...fact(texts.announcedName, earlier.remoteName, later.remoteName),
  ]
}

/** Returns whether the call has no recording, so that no transcript will come. */
export function hasNoRecording({ recording }: BoardCall): boolean {
  return recording === 'none' || recording === 'refused' || recording === 'erased'
}
