import type { BoardCall, DraftFields, DraftId } from '@3cx-ninja/protocol'
import type { Analysis } from './analysis/analysis.ts'
import type { DraftRecord } from './draftRecord.ts'
import { cut, oneLine } from './spokenText.ts'

/** The draft of a call that nothing is known of yet but the call itself. */
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
    place: { state: { at: 'collecting' }, sinceMs: nowMs, sent: false },
    edited: {},
    endedAtMs: null,
    commented: false,
  }
}

/** The draft as the analysis fills it: what a technician changed stays, and every text keeps the protocol's limits. */
export function fillDraft(
  record: DraftRecord,
  { sentiment, evidence, ...found }: Analysis,
  organizationForUnknown: string | null,
): DraftRecord {
  const { caller, remoteName } = record.call
  const fields: DraftFields = {
    title: cut(found.title, 200),
    description: cut(found.description, 20_000),
    category: cut(found.category, 80),
    priority: found.priority,
    actions: found.actions.slice(0, 30).map(({ text, done }) => ({ text: cut(text, 300), done })),
    contactId: caller?.contactId ?? null,
    contactName: caller?.contactName ?? remoteName ?? null,
    organizationId: caller?.organizationId ?? organizationForUnknown,
    organizationName: caller?.organizationName ?? null,
  }
  const edited = Object.fromEntries(Object.entries(record.edited).filter(([, value]) => value !== undefined))
  const words = (list: readonly string[]) => list.slice(0, 20).map((word) => cut(word, 200))
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
      fields: { ...fields, ...edited },
      ...(caller ? { caller } : {}),
    },
  }
}

/** What the second report knows of caller and number that the first did not, as lines for people. */
export function newFacts(before: BoardCall, after: BoardCall): readonly string[] {
  const who = ({ caller }: BoardCall) =>
    [caller?.contactName, caller?.organizationName].filter((one) => one !== undefined).join(', ')
  const fact = (label: string, was: string | undefined, is: string | undefined) =>
    is && is !== was ? [`${label} : ${oneLine(is)}`] : []
  return [
    ...fact('Appelant', who(before), who(after)),
    ...fact('Numéro de rappel', before.remoteNumber, after.remoteNumber),
    ...fact('Nom annoncé', before.remoteName, after.remoteName),
  ]
}

/** No sound exists of it, so no text will come. */
export function hasNoSound({ recording }: BoardCall): boolean {
  return recording === 'none' || recording === 'refused' || recording === 'erased'
}
