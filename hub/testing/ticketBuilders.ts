import type { AgentId, BoardCall, CallId, RecordingId, Utterance, UtteranceId } from '@3cx-ninja/protocol'

export const AGENT = 'agent-camille' as AgentId
export const CALL = 'CALL-00000001' as CallId
const START_MS = Date.UTC(2026, 0, 5, 9, 0, 0)

/** Returns a ringing call of Thomas Girard to Camille, as the call board has it. */
export function aCall(changes: Partial<BoardCall> = {}): BoardCall {
  return {
    callId: CALL,
    revision: 1,
    phase: 'ringing',
    direction: 'inbound',
    extension: '201',
    remoteNumber: '+33240112233',
    remoteName: 'Thomas Girard',
    startedAtMs: START_MS,
    recording: 'none',
    recordingId: 'recording-0001' as RecordingId,
    agentId: AGENT,
    agentName: 'Camille',
    caller: {
      match: 'one',
      contactName: 'Thomas Girard',
      contactId: '00000000-0000-4000-8000-000000000100',
      organizationId: '41',
      organizationName: 'Menuiserie Lambert',
    },
    ...changes,
  }
}

let made = 0
/** Returns one final utterance, `at` seconds after the call began. */
export function aLine(
  channel: 'agent' | 'caller',
  text: string,
  at = (made % 600) + 1,
): Utterance & { atMs: number } {
  made += 1
  return {
    utteranceId: `utterance-${String(made).padStart(6, '0')}` as UtteranceId,
    recordingId: 'recording-0001' as RecordingId,
    channel,
    part: 1,
    state: 'final',
    fromMs: at * 1_000,
    toMs: at * 1_000 + 900,
    text,
    words: [],
    atMs: START_MS + at * 1_000,
  }
}

export function someLines(): (Utterance & { atMs: number })[] {
  return [
    aLine('agent', 'Bonjour, Camille à l’appareil.', 5),
    aLine('caller', 'Bonjour, l’imprimante de l’accueil ne répond plus depuis ce matin.', 8),
    aLine('agent', 'Pouvez-vous la débrancher, puis la rebrancher ?', 14),
    aLine('caller', 'Ça y est, ça marche, merci beaucoup.', 40),
  ]
}
