import type { DraftChanges, DraftDecision, DraftId } from '@3cx-ninja/protocol'
import type { DeskParts } from '../../src/main/desk/ports.ts'
import type { AgentView } from '../../src/main/app/agentEvents.ts'
import type { DraftCard } from '../../src/main/drafts/draftBoard.ts'
import type { History } from '../../src/main/history/historyStore.ts'
import type { KeptCall } from '../../src/main/history/keptCall.ts'
import { toPastCall } from '../../src/main/history/keptCall.ts'
import { settingsSchema, type SettingOrigin, type Settings } from '../../src/main/process/settings.ts'

/** Returns the parts that a desk needs, in memory, with a record of every call. */
export function fakeDeskParts() {
  const state = {
    cards: [] as DraftCard[],
    view: {
      link: 'open',
      consentConfirmed: true,
      calls: [],
      drafts: [],
      replicas: [],
      alarms: [],
      unconfirmed: 0,
    } as AgentView,
    outcome: 'sent' as 'sent' | 'hub-away' | 'unknown-draft',
    enrollFails: undefined as Error | undefined,
    enrolled: false,
    health: undefined as Error | undefined,
    settings: settingsSchema.parse({ hub: 'https://hub.example.com:3000', extension: '201' }),
    origins: {} as Partial<Record<keyof Settings, SettingOrigin>>,
  }
  const actions: { action: string; callId?: string | undefined }[] = []
  const shown: [DraftId, boolean][] = []
  const edits: [DraftId, DraftChanges][] = []
  const decisions: [DraftId, DraftDecision][] = []
  const enrollments: string[] = []
  const erasures: string[] = []
  const kept = new Map<string, KeptCall>()
  let offers = 0

  const history: History = {
    search: async ({ skip, limit }) => {
      const all = [...kept.values()]
      return { total: all.length, calls: all.slice(skip, skip + limit).map((call) => toPastCall(call)) }
    },
    withRecording: async (id) => [...kept.values()].find(({ call }) => call.recordingId === id),
    localIds: async () =>
      new Map(
        [...kept.values()].flatMap(({ call, canonicalId }) =>
          canonicalId ? [[canonicalId, call.callId]] : [],
        ),
      ),
    open: async (id) => kept.get(id),
    keep: async (call) => void kept.set(call.call.callId, call),
  }
  const parts: DeskParts = {
    agent: {
      fact: () => undefined,
      takeBackJoin: (callId) => void actions.push({ action: 'take-back-join', callId }),
      act: (action, callId) => void actions.push({ action, ...(callId ? { callId } : {}) }),
      drafts: {
        cards: () => state.cards,
        shown: (draftId, visible) => void shown.push([draftId, visible]),
        async edit(draftId, changes) {
          edits.push([draftId, changes])
          return state.outcome
        },
        async decide(draftId, choice) {
          decisions.push([draftId, choice])
          return state.outcome
        },
        answer: async () => state.outcome,
      },
      recordings: { list: () => [], read: async () => [], space: async () => 'enough' },
      view: () => ({ ...state.view, drafts: state.cards }),
      async enroll(key) {
        enrollments.push(key)
        if (state.enrollFails) throw state.enrollFails
        state.enrolled = true
      },
      eraseRecording: async ({ recordingId }) => void erasures.push(recordingId),
      offerAgain: () => void (offers += 1),
    },
    settings: {
      get value() {
        return state.settings
      },
      origin: (key) => state.origins[key] ?? 'user',
      async change(changes) {
        state.settings = { ...state.settings, ...changes }
      },
    },
    history,
    openSound: async () => ({ at: 'gone', why: 'hub-away' }),
    testSound: async () => ({ ok: true, audible: ['agent'], url: 'audio/test.wav' }),
    platform: {
      devices: async () => ({ at: 'unknown', source: 'file' }),
      microphonePrograms: async () => [
        { name: 'chrome.exe', inUse: false, usedAtMs: 1_767_225_600_000, counts: false },
      ],
      app: 'browser',
      findHubs: async () => [],
      async hubHealth() {
        if (state.health) throw state.health
        return { version: '1', parts: [{ name: 'workers', state: 'ok', reason: '2 places' }] }
      },
      callSources: () => [{ name: 'script', state: 'on' }],
      soundSource: 'file',
      soundOrigins: () => ({}),
      isEnrolled: () => true,
      isPinned: () => true,
      machine: 'PC-201',
      version: '1',
    },
  }
  return { parts, state, actions, shown, edits, decisions, enrollments, erasures, kept, offers: () => offers }
}
