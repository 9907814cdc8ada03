import { callId, draftId, type Draft } from '@3cx-ninja/protocol'
import type { DeskCall, DeskDraft, DeskSnapshot } from '../../src/ipc/deskSnapshot.ts'

/** A desk at rest: set up, hub open, no call. */
export function aDesk(changes: Partial<DeskSnapshot> = {}): DeskSnapshot {
  const field = { value: '', from: 'default', locked: false } as const
  return {
    version: '0.1.0',
    setUp: 'done',
    hub: { at: 'open', forMs: 0 },
    waiting: { recordings: 0, soundMs: 0, reports: 0, pendingChanges: 0 },
    consentConfirmed: true,
    calls: [],
    drafts: [],
    alarms: [],
    listening: false,
    soundOrigins: {},
    userErrors: [],
    settings: {
      app: 'desktop',
      fields: {
        hub: field,
        extension: field,
        name: field,
        email: field,
        language: field,
        locale: field,
        theme: field,
        microphone: field,
        loudspeaker: field,
        phonePrograms: field,
        startWithSystem: field,
      },
    },
    ...changes,
  }
}

export function aDeskCall(changes: Partial<DeskCall> = {}): DeskCall {
  return {
    callId: callId.parse('call-0001'),
    phase: 'talking',
    direction: 'inbound',
    startedAtMs: Date.UTC(2026, 0, 5, 9),
    talk: { at: 'on', forMs: 0 },
    recording: { at: 'on' },
    byHand: false,
    ...changes,
  }
}

export function aDeskDraft(state: Draft['state'], title = ''): DeskDraft {
  const draft: Draft = {
    draftId: draftId.parse('draft-0001'),
    callId: callId.parse('call-0001'),
    revision: 1,
    state,
    fields: {
      title,
      description: '',
      category: 'other',
      priority: 'NONE',
      contactId: null,
      contactName: null,
      organizationId: null,
      organizationName: null,
      actions: [],
    },
    sentiment: 'neutral',
    evidence: { category: [], priority: [], sentiment: [] },
    transcript: 'complete',
    extension: '201',
    createdAtMs: Date.UTC(2026, 0, 5, 9),
  }
  return { draft, callId: draft.callId, pending: false, checklist: [] }
}
