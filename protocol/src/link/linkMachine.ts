import type { Random } from '../clock.ts'
import { PROTOCOL_OLDEST, PROTOCOL_VERSION, type Welcome } from '../hello.ts'
import { CLOSE, type CloseName } from '../refusals.ts'
import { nextDelayMs } from './backoff.ts'
import type { LinkTuning } from './tuning.ts'

/**
 * State of the client's side of a link. `waiting` ends by its time or by `resumed`; `opening` and `greeting` end by the socket
 * or their limit; `open` ends by a close or a lost heartbeat; `refused` is final until the program restarts; `stopped` is
 * final. Rules L1 to L10 of PROTOCOL.md.
 */
export type LinkState =
  /** `socket` numbers the attempts: in `waiting` it is the last one used, elsewhere the current one. */
  | {
      readonly at: 'waiting'
      readonly attempt: number
      readonly socket: number
      readonly untilMs: number
      readonly why: string
      /** Name of the peer's close code, where it sent one of ours. */
      readonly closedAs?: CloseName
      /** Number of times in a row that another program with the same token replaced this link. Rule L8. */
      readonly replaced: number
    }
  | {
      readonly at: 'opening' | 'greeting'
      readonly attempt: number
      readonly socket: number
      readonly limitMs: number
      readonly replaced: number
    }
  | {
      readonly at: 'open'
      readonly socket: number
      readonly sinceMs: number
      readonly welcome: Welcome
      readonly receivedMs: number
      readonly sentMs: number
      readonly attempt: number
      readonly replaced: number
    }
  | { readonly at: 'refused'; readonly reason: CloseName; readonly meaning: string }
  | { readonly at: 'stopped' }

type Connected = Exclude<LinkState, { at: 'waiting' | 'refused' | 'stopped' }>

/** Facts that change a client's link; events of a socket carry its number, so that a late one changes nothing. */
export type LinkEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'opened'; readonly socket: number }
  | { readonly kind: 'welcomed'; readonly socket: number; readonly welcome: Welcome }
  | { readonly kind: 'received'; readonly socket: number }
  | { readonly kind: 'closed'; readonly socket: number; readonly code: number; readonly why: string }
  | { readonly kind: 'broken'; readonly socket: number }
  | { readonly kind: 'tick' }
  /** The machine slept or its network changed: an open socket may be dead without any sign. */
  | { readonly kind: 'resumed' }
  | { readonly kind: 'stop' }

/** Actions that the shell executes after a step, in the given order. */
export type LinkCommand =
  | { readonly kind: 'connect'; readonly socket: number }
  | { readonly kind: 'greet'; readonly socket: number }
  | { readonly kind: 'ping'; readonly socket: number }
  | { readonly kind: 'close'; readonly socket: number; readonly name: CloseName }

/** The state after one event, and the commands that the shell executes. */
export interface LinkStep {
  readonly state: LinkState
  readonly commands: readonly LinkCommand[]
}

interface LinkContext {
  readonly nowMs: number
  readonly random: Random
  readonly tuning: LinkTuning
}

/** The state before `start`: waiting, with its time already over. */
export const firstLinkState: LinkState = {
  at: 'waiting',
  attempt: 0,
  socket: 0,
  untilMs: 0,
  why: 'not started',
  replaced: 0,
}

/** Returns the next state of a client's link and the commands to execute. Events of a socket that is no longer the current one change nothing. */
export function stepLink(state: LinkState, event: LinkEvent, context: LinkContext): LinkStep {
  if (event.kind === 'stop') return { state: { at: 'stopped' }, commands: closeCurrent(state) }
  if (state.at === 'stopped' || state.at === 'refused') return { state, commands: [] }
  if (event.kind === 'start' || event.kind === 'tick') return onTime(state, context)
  if (event.kind === 'resumed') return onResumed(state, context)
  if (state.at === 'waiting' || event.socket !== state.socket) return { state, commands: [] }
  switch (event.kind) {
    case 'opened':
      if (state.at !== 'opening') return { state, commands: [] }
      return {
        state: { ...state, at: 'greeting', limitMs: context.nowMs + context.tuning.helloMs },
        commands: [{ kind: 'greet', socket: state.socket }],
      }
    case 'welcomed':
      return onWelcome(state, event.welcome, context)
    case 'received':
      return { state: state.at === 'open' ? { ...state, receivedMs: context.nowMs } : state, commands: [] }
    case 'broken':
      return retry(state, 'broken message', context, [
        { kind: 'close', socket: state.socket, name: 'brokenMessage' },
      ])
    case 'closed': {
      const name = closeName(event.code)
      if (name && CLOSE[name].final) return refuse(name, [])
      if (name === 'replaced') return yieldToken(state, context)
      const step = retry(state, name ? CLOSE[name].meaning : event.why, context, [])
      return name ? { ...step, state: { ...step.state, closedAs: name } } : step
    }
  }
}

/** Returns the monotonic ms at which the shell must dispatch 'tick' next; undefined when time changes nothing. */
export function nextTickMs(state: LinkState, tuning: LinkTuning): number | undefined {
  switch (state.at) {
    case 'waiting':
      return state.untilMs
    case 'opening':
    case 'greeting':
      return state.limitMs
    case 'open': {
      const beat = state.welcome.heartbeatMs
      return Math.min(state.sentMs + beat, state.receivedMs + beat * tuning.silenceFactor)
    }
    case 'refused':
    case 'stopped':
      return undefined
  }
}

/** Returns the name of one of our close codes; undefined for the network's own codes. */
export function closeName(code: number): CloseName | undefined {
  return (Object.keys(CLOSE) as CloseName[]).find((name) => CLOSE[name].code === code)
}

function onTime(state: Exclude<LinkState, { at: 'stopped' | 'refused' }>, context: LinkContext): LinkStep {
  switch (state.at) {
    case 'waiting': {
      if (context.nowMs < state.untilMs) return { state, commands: [] }
      const socket = state.socket + 1
      return {
        state: {
          at: 'opening',
          attempt: state.attempt,
          socket,
          limitMs: context.nowMs + context.tuning.openMs,
          replaced: state.replaced,
        },
        commands: [{ kind: 'connect', socket }],
      }
    }
    case 'opening':
    case 'greeting':
      if (context.nowMs < state.limitMs) return { state, commands: [] }
      return retry(state, 'no answer in time', context, [
        { kind: 'close', socket: state.socket, name: 'helloMissing' },
      ])
    case 'open': {
      const beat = state.welcome.heartbeatMs
      if (context.nowMs >= state.receivedMs + beat * context.tuning.silenceFactor) {
        return retry(state, 'nothing received', context, [
          { kind: 'close', socket: state.socket, name: 'heartbeatLost' },
        ])
      }
      if (context.nowMs < state.sentMs + beat) return { state, commands: [] }
      return {
        state: { ...state, sentMs: context.nowMs },
        commands: [{ kind: 'ping', socket: state.socket }],
      }
    }
  }
}

/** Checks at once whether the peer still answers, with a short limit; a waiting link connects now. Rule L10. */
function onResumed(state: Exclude<LinkState, { at: 'stopped' | 'refused' }>, context: LinkContext): LinkStep {
  const { nowMs, tuning } = context
  if (state.at === 'waiting') return onTime({ ...state, untilMs: nowMs }, context)
  if (state.at !== 'open') return { state, commands: [] }
  const receivedMs = Math.min(
    state.receivedMs,
    nowMs + tuning.resumeMs - state.welcome.heartbeatMs * tuning.silenceFactor,
  )
  return {
    state: { ...state, receivedMs, sentMs: nowMs },
    commands: [{ kind: 'ping', socket: state.socket }],
  }
}

function onWelcome(state: Connected, welcome: Welcome, context: LinkContext): LinkStep {
  if (state.at !== 'greeting') return { state, commands: [] }
  if (welcome.protocol < PROTOCOL_OLDEST || welcome.protocol > PROTOCOL_VERSION) {
    const name = welcome.protocol < PROTOCOL_OLDEST ? 'protocolTooNew' : 'protocolTooOld'
    const close = { kind: 'close', socket: state.socket, name } as const
    return CLOSE[name].final ? refuse(name, [close]) : retry(state, CLOSE[name].meaning, context, [close])
  }
  const nowMs = context.nowMs
  return {
    state: {
      at: 'open',
      socket: state.socket,
      sinceMs: nowMs,
      welcome,
      receivedMs: nowMs,
      sentMs: nowMs,
      attempt: state.attempt,
      replaced: state.replaced,
    },
    commands: [],
  }
}

type Waiting = Extract<LinkState, { at: 'waiting' }>

function retry(
  state: Connected,
  why: string,
  { nowMs, random, tuning }: LinkContext,
  commands: readonly LinkCommand[],
): LinkStep & { readonly state: Waiting } {
  const attempt = openForMs(state, nowMs) >= tuning.steadyMs ? 1 : state.attempt + 1
  const untilMs = nowMs + nextDelayMs({ attempt, random }, tuning.reconnect)
  const replaced = openForMs(state, nowMs) >= tuning.unsharedMs ? 0 : state.replaced
  return { state: { at: 'waiting', attempt, socket: state.socket, untilMs, why, replaced }, commands }
}

/**
 * A link that receives `replaced` was not replaced by itself, since its old socket is released: another program has its token.
 * The two would replace each other forever, so each waits ever longer and has the link for about half of the time. Rule L8.
 */
function yieldToken(state: Connected, { nowMs, random, tuning }: LinkContext): LinkStep {
  const replaced = openForMs(state, nowMs) >= tuning.unsharedMs ? 1 : state.replaced + 1
  const untilMs = nowMs + nextDelayMs({ attempt: replaced, random }, tuning.replaced)
  const why = CLOSE.replaced.meaning
  const { socket } = state
  return {
    state: { at: 'waiting', attempt: 0, socket, untilMs, why, closedAs: 'replaced', replaced },
    commands: [],
  }
}

function openForMs(state: Connected, nowMs: number): number {
  return state.at === 'open' ? nowMs - state.sinceMs : 0
}

function refuse(name: CloseName, commands: readonly LinkCommand[]): LinkStep {
  return { state: { at: 'refused', reason: name, meaning: CLOSE[name].meaning }, commands }
}

function closeCurrent(state: LinkState): readonly LinkCommand[] {
  return 'socket' in state && state.at !== 'waiting'
    ? [{ kind: 'close', socket: state.socket, name: 'goingAway' }]
    : []
}
