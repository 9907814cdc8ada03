import type { ZodType } from 'zod'
import type { Clock, Random } from '../clock.ts'
import { createEventQueue } from '../eventQueue.ts'
import { PROTOCOL_VERSION, linkMessage, type Hello } from '../hello.ts'
import { CLOSE } from '../refusals.ts'
import { toError } from '../toError.ts'
import {
  firstLinkState,
  nextTickMs,
  stepLink,
  type LinkCommand,
  type LinkEvent,
  type LinkState,
} from './linkMachine.ts'
import {
  createUnexpectedReporter,
  parseMessage,
  writeMessage,
  type SetAsideMessage,
  type UnexpectedMessage,
} from './parseMessage.ts'
import { linkTuning, type LinkTuning } from './tuning.ts'

/** The part of a socket library that a link calls. `send` on a closed socket does nothing and never throws. */
export interface LinkSocket {
  /** Sends text or binary data, or does nothing once the socket is closed. */
  send(data: string | Uint8Array): void
  /** Closes the socket with a code and its name as reason; does nothing when it is closed already. */
  close(code: number, reason: string): void
  /** Returns the bytes queued for the peer that it has not read yet. */
  bufferedBytes(): number
}

/** The callbacks of one socket; each reports on that socket only, and none is called after `close`. */
export interface SocketHandlers {
  open(): void
  message(data: string | Uint8Array): void
  close(code: number, reason: string): void
}

/** The socket factory, the greeting and the callbacks from which `openLink` builds one link. */
export interface OpenLinkNeeds<In, Out> {
  /** Opens a socket; called again at each attempt, so that a changed address or token counts. An exception counts as a failed attempt. */
  readonly connect: (on: SocketHandlers) => LinkSocket
  readonly hello: Omit<Hello, 'kind' | 'protocol'>
  readonly incoming: ZodType<In>
  /** What the hub accepts: each message is checked against it before it is sent. A client that sends no messages has none. Rule L12. */
  readonly outgoing?: ZodType<Out>
  readonly clock: Clock
  readonly random: Random
  readonly tuning?: LinkTuning
  readonly onMessage: (message: In) => void
  readonly onBinary?: (bytes: Uint8Array) => void
  /** Called once per change of `at`. */
  readonly onState: (state: LinkState) => void
  /** Called for a message of a kind unknown to this version, or a broken one (then the link closes and reconnects). */
  readonly onUnexpectedMessage?: (unexpected: UnexpectedMessage) => void
  /** Called for a message that the hub would refuse: it was not sent, and the link goes on. */
  readonly onSetAside?: (message: SetAsideMessage) => void
}

/** One link as the client uses it; it reconnects by itself until it is stopped or refused. */
export interface Link<Out> {
  /** Returns the current state of the link; each change is also reported through `onState`. */
  state(): LinkState
  /**
   * Sends a message as JSON. Returns false when the link is not open and nothing was sent. A message that the hub would refuse is
   * reported to `onSetAside` and counts as sent: the same message would be refused again.
   */
  send(message: Out): boolean
  /** Sends a binary frame. Returns false when the link is not open and nothing was sent. */
  sendBinary(bytes: Uint8Array): boolean
  /** Returns the bytes queued for the peer that it has not read yet; 0 without a socket. */
  bufferedBytes(): number
  /** Checks at once whether the peer still answers: call it after sleep or a change of network. Rule L10. */
  resumed(): void
  /** Closes the link with `goingAway` and stops reconnecting for good; safe to call twice. */
  stop(): void
}

interface OpenState<In, Out> {
  readonly needs: OpenLinkNeeds<In, Out>
  readonly tuning: LinkTuning
  readonly reportUnexpected: (unexpected: UnexpectedMessage) => void
  readonly dispatch: (event: LinkEvent) => void
  link: LinkState
  socket: LinkSocket | undefined
  cancelTick: () => void
  pings: number
}

/**
 * The client's side of a link: connects, greets, keeps the link alive, and reconnects until it is stopped or finally refused.
 * Its states and their exits are those of `linkMachine.ts`; this shell owns the socket and the timer, and knows no socket
 * library: `needs.connect` opens one.
 */
export function openLink<In, Out>(needs: OpenLinkNeeds<In, Out>): Link<Out> {
  const tuning = needs.tuning ?? linkTuning
  // A socket or a listener may report back while a step is executed: its event waits for the end of that step.
  const { dispatch } = createEventQueue<LinkEvent>(
    (event) => step(state, event),
    () => scheduleTick(state),
  )
  const state: OpenState<In, Out> = {
    needs,
    tuning,
    reportUnexpected: createUnexpectedReporter(needs.onUnexpectedMessage),
    dispatch,
    link: firstLinkState,
    socket: undefined,
    cancelTick: () => undefined,
    pings: 0,
  }
  dispatch({ kind: 'start' })
  return {
    state: () => state.link,
    send: (message) => sendMessage(state, message),
    sendBinary: (bytes) => deliver(state, bytes),
    bufferedBytes: () => state.socket?.bufferedBytes() ?? 0,
    resumed: () => dispatch({ kind: 'resumed' }),
    stop: () => dispatch({ kind: 'stop' }),
  }
}

function scheduleTick<In, Out>(state: OpenState<In, Out>): void {
  const { clock } = state.needs
  state.cancelTick()
  const tickMs = nextTickMs(state.link, state.tuning)
  if (tickMs === undefined) return
  state.cancelTick = clock.after(tickMs - clock.monotonicMs(), () => state.dispatch({ kind: 'tick' }))
}

function step<In, Out>(state: OpenState<In, Out>, event: LinkEvent): void {
  const { clock, random, onState } = state.needs
  const previous = state.link.at
  const next = stepLink(state.link, event, { nowMs: clock.monotonicMs(), random, tuning: state.tuning })
  state.link = next.state
  for (const command of next.commands) execute(state, command)
  if (state.link.at !== previous) onState(state.link)
}

function execute<In, Out>(state: OpenState<In, Out>, command: LinkCommand): void {
  switch (command.kind) {
    case 'connect':
      return connect(state, command.socket)
    case 'greet':
      return state.socket?.send(
        JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION, ...state.needs.hello }),
      )
    case 'ping':
      state.pings += 1
      return state.socket?.send(JSON.stringify({ kind: 'ping', n: state.pings }))
    case 'close': {
      const closing = state.socket
      state.socket = undefined
      return closing?.close(CLOSE[command.name].code, command.name)
    }
  }
}

function connect<In, Out>(state: OpenState<In, Out>, number: number): void {
  const { needs, dispatch } = state
  try {
    state.socket = needs.connect({
      open: () => dispatch({ kind: 'opened', socket: number }),
      message: (data) => receive(state, number, data),
      close: (code, why) => dispatch({ kind: 'closed', socket: number, code, why }),
    })
  } catch (thrown) {
    const why = toError(thrown).message
    needs.clock.after(0, () => dispatch({ kind: 'closed', socket: number, code: 1006, why }))
  }
}

function receive<In, Out>(state: OpenState<In, Out>, number: number, data: string | Uint8Array): void {
  const { needs, dispatch } = state
  if (!('socket' in state.link) || state.link.socket !== number || state.link.at === 'waiting') return
  dispatch({ kind: 'received', socket: number })
  if (typeof data !== 'string') {
    if (state.link.at === 'open') needs.onBinary?.(data)
    return
  }
  const ofLink = parseMessage(data, linkMessage)
  if (ofLink.ok) {
    const { message } = ofLink
    if (message.kind === 'welcome') dispatch({ kind: 'welcomed', socket: number, welcome: message })
    else if (message.kind === 'ping') state.socket?.send(JSON.stringify({ kind: 'pong', n: message.n }))
    return
  }
  const parsed = ofLink.reason === 'unknown' ? parseMessage(data, needs.incoming) : ofLink
  if (parsed.ok) {
    if (state.link.at === 'open') needs.onMessage(parsed.message)
    return
  }
  const broken = parsed.reason === 'broken'
  state.reportUnexpected({ kind: parsed.kind, broken, detail: broken ? parsed.detail : 'unknown kind' })
  if (broken) dispatch({ kind: 'broken', socket: number })
}

function sendMessage<In, Out>(state: OpenState<In, Out>, message: Out): boolean {
  if (state.link.at !== 'open' || !state.socket) return false
  const { outgoing, onSetAside } = state.needs
  if (!outgoing) return deliver(state, JSON.stringify(message))
  const written = writeMessage(message, outgoing)
  if (written.ok) return deliver(state, written.text)
  onSetAside?.({ kind: written.kind, detail: written.detail })
  return true
}

/** Stamps the time of sending past the machine: an event per audio frame would only copy the state. */
function deliver<In, Out>(state: OpenState<In, Out>, data: string | Uint8Array): boolean {
  if (state.link.at !== 'open' || !state.socket) return false
  state.socket.send(data)
  state.link = { ...state.link, sentMs: state.needs.clock.monotonicMs() }
  return true
}
