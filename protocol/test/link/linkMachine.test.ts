import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  CLOSE,
  PROTOCOL_VERSION,
  firstLinkState,
  linkTuning,
  nextDelayMs,
  nextTickMs,
  stepLink,
  welcome as welcomeSchema,
  type LinkEvent,
  type LinkState,
} from '../../src/index.ts'

const nowMs = 100_000
const context = { nowMs, random: () => 0.5, tuning: linkTuning }
const welcome = (protocol: number) =>
  welcomeSchema.parse({
    kind: 'welcome',
    protocol,
    hubVersion: '0.1.0',
    hubTimeMs: Date.UTC(2026, 0, 5),
    clientId: 'agent-0001',
    heartbeatMs: 5_000,
  })
const open = (receivedMs: number, sentMs: number, sinceMs = nowMs - 60_000): LinkState => ({
  at: 'open',
  socket: 3,
  sinceMs,
  welcome: welcome(1),
  receivedMs,
  sentMs,
  attempt: 4,
  replaced: 0,
})

const states: Record<string, LinkState> = {
  'waiting, not due': { at: 'waiting', attempt: 2, socket: 3, untilMs: nowMs + 1, why: 'test', replaced: 0 },
  'waiting, due': { at: 'waiting', attempt: 2, socket: 3, untilMs: nowMs, why: 'test', replaced: 0 },
  opening: { at: 'opening', attempt: 2, socket: 3, limitMs: nowMs + 1, replaced: 0 },
  'opening, too long': { at: 'opening', attempt: 2, socket: 3, limitMs: nowMs, replaced: 0 },
  greeting: { at: 'greeting', attempt: 2, socket: 3, limitMs: nowMs + 1, replaced: 0 },
  'greeting, too long': { at: 'greeting', attempt: 2, socket: 3, limitMs: nowMs, replaced: 0 },
  open: open(nowMs, nowMs),
  'open, nothing sent': open(nowMs, nowMs - 5_000),
  'open, nothing received': open(nowMs - 15_000, nowMs),
  'open, not for long': open(nowMs, nowMs, nowMs - 1_000),
  refused: { at: 'refused', reason: 'badToken', meaning: CLOSE.badToken.meaning },
  stopped: { at: 'stopped' },
}
const events: Record<string, LinkEvent> = {
  start: { kind: 'start' },
  opened: { kind: 'opened', socket: 3 },
  'opened, old socket': { kind: 'opened', socket: 2 },
  welcomed: { kind: 'welcomed', socket: 3, welcome: welcome(PROTOCOL_VERSION) },
  'welcomed by a newer hub': { kind: 'welcomed', socket: 3, welcome: welcome(PROTOCOL_VERSION + 1) },
  'welcomed by an older hub': { kind: 'welcomed', socket: 3, welcome: welcome(0) },
  received: { kind: 'received', socket: 3 },
  'received, old socket': { kind: 'received', socket: 2 },
  'closed by the network': { kind: 'closed', socket: 3, code: 1006, why: 'ECONNRESET' },
  'closed, old socket': { kind: 'closed', socket: 2, code: 1006, why: 'ECONNRESET' },
  'closed goingAway': { kind: 'closed', socket: 3, code: 1001, why: '' },
  'closed badToken': { kind: 'closed', socket: 3, code: 4401, why: '' },
  'closed protocolTooOld': { kind: 'closed', socket: 3, code: 4400, why: '' },
  'closed protocolTooNew': { kind: 'closed', socket: 3, code: 4406, why: '' },
  'closed replaced': { kind: 'closed', socket: 3, code: 4409, why: '' },
  broken: { kind: 'broken', socket: 3 },
  tick: { kind: 'tick' },
  resumed: { kind: 'resumed' },
  stop: { kind: 'stop' },
}

/**
 * Returns one line per state and event: the next state and the commands. The table is checked in, so that a change shows in
 * review; LINK_TABLE=write renews it.
 */
function replay(): Record<string, string> {
  const lines: Record<string, string> = {}
  for (const [stateName, state] of Object.entries(states)) {
    for (const [eventName, event] of Object.entries(events)) {
      const step = stepLink(state, event, context)
      const after = step.state === state ? 'same' : describeState(step.state)
      const commands = step.commands.map(
        (command) => `${command.kind}${'name' in command ? ` ${command.name}` : ''} #${command.socket}`,
      )
      lines[`${stateName} + ${eventName}`] = [after, ...commands].join(' | ')
    }
  }
  return lines
}

function describeState(state: LinkState): string {
  switch (state.at) {
    case 'waiting':
      return `waiting ${state.untilMs - nowMs} ms, attempt ${state.attempt} (${state.why})`
    case 'opening':
    case 'greeting':
      return `${state.at} #${state.socket}, limit ${state.limitMs - nowMs} ms`
    case 'open':
      return `open #${state.socket}, received ${state.receivedMs - nowMs}, sent ${state.sentMs - nowMs}`
    case 'refused':
      return `refused ${state.reason}`
    case 'stopped':
      return 'stopped'
  }
}

describe('the client side of a link', () => {
  it('the link machine follows the checked-in table in every state at every event', () => {
    const table = new URL('./linkMachine.table.json', import.meta.url)
    if (process.env['LINK_TABLE'] === 'write') writeFileSync(table, `${JSON.stringify(replay(), null, 2)}\n`)
    expect(replay()).toEqual(JSON.parse(readFileSync(table, 'utf8')))
  })

  it('[L4] a link pings after one silent heartbeat and closes after three', () => {
    expect(nextTickMs(open(nowMs, nowMs), linkTuning)).toBe(nowMs + 5_000)
    expect(nextTickMs(open(nowMs - 12_000, nowMs), linkTuning)).toBe(nowMs + 3_000)
    expect(nextTickMs({ at: 'stopped' }, linkTuning)).toBeUndefined()
  })

  it('[L10] after sleep or a network change an open link pings at once and closes within 3 s, and a waiting one connects', () => {
    const resumed = stepLink(open(nowMs - 4_000, nowMs - 4_000), { kind: 'resumed' }, context)
    expect(resumed.commands).toEqual([{ kind: 'ping', socket: 3 }])
    expect(nextTickMs(resumed.state, linkTuning)).toBe(nowMs + 3_000)
    const silent = stepLink(resumed.state, { kind: 'tick' }, { ...context, nowMs: nowMs + 3_000 })
    expect(silent.commands).toEqual([{ kind: 'close', socket: 3, name: 'heartbeatLost' }])
    const received = stepLink(
      resumed.state,
      { kind: 'received', socket: 3 },
      { ...context, nowMs: nowMs + 1_000 },
    )
    expect(nextTickMs(received.state, linkTuning)).toBe(nowMs + 5_000)
    const waiting: LinkState = { at: 'waiting', attempt: 7, socket: 3, untilMs: nowMs + 9_000, why: 'test', replaced: 0 } // prettier-ignore
    expect(stepLink(waiting, { kind: 'resumed' }, context).commands).toEqual([{ kind: 'connect', socket: 4 }])
  })

  it('a link connects at once when it starts', () => {
    expect(stepLink(firstLinkState, { kind: 'start' }, context).commands).toEqual([
      { kind: 'connect', socket: 1 },
    ])
  })
})

describe('two programs with one token', () => {
  /** Plays two programs that replace each other's link as soon as they may, on a simulated clock. */
  function fight(untilMs: number): readonly { readonly atMs: number; readonly by: number }[] {
    const taken: { atMs: number; by: number }[] = []
    const sides: LinkState[] = [firstLinkState, firstLinkState]
    let nowMs = 0
    for (;;) {
      const due = sides.map((state) => (state.at === 'waiting' ? state.untilMs : Infinity))
      nowMs = Math.max(nowMs, Math.min(...due))
      if (nowMs > untilMs) return taken
      const by = due[0] === Math.min(...due) ? 0 : 1
      const step = (side: number, event: (socket: number) => LinkEvent) => {
        const state = sides[side] ?? firstLinkState
        const socket = 'socket' in state ? state.socket : 0
        sides[side] = stepLink(state, event(socket), { ...context, nowMs }).state
      }
      step(by, () => ({ kind: 'tick' }))
      step(by, (socket) => ({ kind: 'opened', socket }))
      step(by, (socket) => ({ kind: 'welcomed', socket, welcome: welcome(PROTOCOL_VERSION) }))
      step(1 - by, (socket) => ({ kind: 'closed', socket, code: CLOSE.replaced.code, why: '' }))
      taken.push({ atMs: nowMs, by })
    }
  }

  it('[L8] two programs with one token replace each other less and less often, and both get the link repeatedly', () => {
    const hour = fight(3_600_000)
    expect(hour.length).toBeLessThan(45)
    const gaps = hour.map(({ atMs }, index) => atMs - (hour[index - 1]?.atMs ?? 0))
    expect(gaps.at(-1)).toBe(linkTuning.replaced.maxMs)
    const late = hour.filter(({ atMs }) => atMs > 1_800_000)
    expect(new Set(late.map(({ by }) => by))).toEqual(new Set([0, 1]))
  })

  it('[L8] the delay of two programs with one token is short again once one of them was alone for long', () => {
    const replacedAfter = (sinceMs: number) =>
      stepLink({ ...open(nowMs, nowMs, sinceMs), replaced: 6 } as LinkState, { kind: 'closed', socket: 3, code: 4409, why: '' }, context).state // prettier-ignore
    expect(replacedAfter(nowMs - linkTuning.unsharedMs)).toMatchObject({
      replaced: 1,
      untilMs: nowMs + 5_000,
    })
    expect(replacedAfter(nowMs - 60_000)).toMatchObject({
      at: 'waiting',
      closedAs: 'replaced',
      replaced: 7,
      untilMs: nowMs + 300_000,
    })
  })
})

describe('the delay before the next attempt', () => {
  it('[L5] the reconnect delay doubles up to its ceiling', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 50].map((attempt) =>
      nextDelayMs({ attempt, random: () => 0.5 }, linkTuning.reconnect),
    )
    expect(delays).toEqual([300, 600, 1_200, 2_400, 4_800, 9_600, 10_000, 10_000])
  })

  it('[L5] the reconnect delay is spread by half to either side', () => {
    expect(nextDelayMs({ attempt: 1, random: () => 0 }, linkTuning.reconnect)).toBe(150)
    expect(nextDelayMs({ attempt: 1, random: () => 0.999_999 }, linkTuning.reconnect)).toBe(450)
  })
})
