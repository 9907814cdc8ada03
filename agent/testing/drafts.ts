import { callId, draftId, type Draft, type DraftState } from '@3cx-ninja/protocol'

/** Returns a draft of the hub as its snapshot sends it. */
export function aDraft(
  change: Omit<Partial<Draft>, 'fields'> & { readonly fields?: Partial<Draft['fields']> } = {},
): Draft {
  const { fields, ...rest } = change
  return {
    draftId: draftId.parse('draft-0001'),
    callId: callId.parse('call-00001'),
    revision: 1,
    state: { at: 'proposed' } satisfies DraftState,
    fields: {
      title: 'Imprimante en panne',
      description: '',
      category: 'print',
      priority: 'LOW',
      contactId: null,
      contactName: null,
      organizationId: null,
      organizationName: null,
      actions: [],
      ...fields,
    },
    sentiment: 'neutral',
    evidence: { category: [], priority: [], sentiment: [] },
    transcript: 'complete',
    extension: '201',
    createdAtMs: 1_767_603_600_000,
    ...rest,
  }
}
