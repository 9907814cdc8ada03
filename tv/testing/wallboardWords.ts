import {
  agentId,
  wallboardKey,
  type WallboardAgent,
  type WallboardCall,
  type WallboardFigures,
  type WallboardSnapshot,
  type WallboardTicket,
  type WallboardUtterance,
} from '@3cx-ninja/protocol'

/** Monday 5 January 2026, 10:00 in Paris: the start of the fake clock. */
export const START_MS = Date.UTC(2026, 0, 5, 9, 0, 0)

export function aCall(key: string, changes: Partial<WallboardCall> = {}): WallboardCall {
  return {
    callId: wallboardKey.parse(`call-${key.padStart(4, '0')}`),
    phase: 'talking',
    direction: 'inbound',
    extension: '204',
    startedAtMs: START_MS,
    talkingSinceMs: START_MS,
    recording: 'recording',
    agentName: 'Nadia Benali',
    utterances: [],
    ...changes,
  }
}

export function aLine(key: string, changes: Partial<WallboardUtterance> = {}): WallboardUtterance {
  return {
    utteranceId: wallboardKey.parse(`utterance-${key}`),
    track: wallboardKey.parse('recording-1'),
    channel: 'caller',
    part: 1,
    state: 'final',
    fromMs: 0,
    toMs: 1_000,
    text: `words of ${key}`,
    ...changes,
  }
}

export function anAgent(name: string, changes: Partial<WallboardAgent> = {}): WallboardAgent {
  return {
    agentId: agentId.parse(`agent-${name.toLowerCase().replace(/[^a-z0-9]/g, '')}0`),
    name,
    extension: '204',
    state: 'available',
    sinceMs: START_MS,
    ...changes,
  }
}

export function aTicket(number: number, changes: Partial<WallboardTicket> = {}): WallboardTicket {
  return {
    callId: wallboardKey.parse(`call-of-${number}`),
    ticketId: String(number),
    title: `Ticket ${number}`,
    priority: 'MEDIUM',
    filedAtMs: START_MS + number,
    ...changes,
  }
}

export function someFigures(changes: Partial<WallboardFigures> = {}): WallboardFigures {
  return {
    sinceMs: START_MS - 10 * 3_600_000,
    callsToday: 12,
    missedToday: 0,
    ticketsToday: 9,
    draftsWaiting: 1,
    callsActive: 0,
    slotsTotal: 4,
    slotsUsed: 1,
    talkMsToday: 5_400_000,
    hangUpToDraftMs: 1_240,
    ...changes,
  }
}

export function aSnapshot(changes: Partial<WallboardSnapshot> = {}): WallboardSnapshot {
  return {
    kind: 'wallboard-snapshot',
    hubTimeMs: START_MS,
    calls: [],
    agents: [],
    tickets: [],
    figures: someFigures(),
    ...changes,
  }
}
