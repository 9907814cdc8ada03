import type { ZodType } from 'zod'
import type { Clock } from '../clock.ts'
import { PROTOCOL_OLDEST, PROTOCOL_VERSION, linkMessage, type Hello } from '../hello.ts'
import { CLOSE, type CloseName } from '../refusals.ts'
import { toError } from '../toError.ts'
import { asWallClockMs } from '../units.ts'
import type { LinkSocket } from './openLink.ts'
import {
  createUnexpectedReporter,
  parseMessage,
  writeMessage,
  type SetAsideMessage,
  type UnexpectedMessage,
} from './parseMessage.ts'
import { linkTuning, type LinkTuning } from './tuning.ts'

/** The socket, the proven identity and the callbacks from which `acceptLink` builds one link. */
export interface AcceptLinkNeeds<In, Out> {
  readonly socket: LinkSocket
  readonly role: Hello['role']
  /** Id of the client, as its token proves. */
  readonly clientId: string
  readonly hubVersion: string
  readonly clock: Clock
  readonly incoming: ZodType<In>
  /** What the client accepts: each message is checked against it before it is sent. Rule L12. */
  readonly outgoing: ZodType<Out>
  /** Most bytes of a message that this client accepts; MAX_FRAME_BYTES when omitted. */
  readonly maxMessageBytes?: number
  readonly tuning?: LinkTuning
  /** Called once, after the welcome was sent; from then on `send` delivers. */
  readonly onReady: (hello: Hello) => void
  /** Called for each parsed message after the welcome, never for the messages of the link itself. */
  readonly onMessage: (message: In) => void
  /** Called for each binary frame after the welcome; the bytes are only valid during the call. */
  readonly onBinary: (bytes: Uint8Array) => void
  /** Called exactly once, whatever the reason. `wasReady` states whether onReady was called before. */
  readonly onClosed: (end: { readonly code: number; readonly wasReady: boolean }) => void
  readonly onUnexpectedMessage?: (unexpected: UnexpectedMessage) => void
  /** Called for a message that the client would refuse: it was not sent, and the link goes on. */
  readonly onSetAside?: (message: SetAsideMessage) => void
  /** Called when a callback threw while it handled the client's data; the link is closed with `internal` after it. */
  readonly onFailure?: (error: Error) => void
}

/** One accepted link as the hub uses it; every method is safe to call in any phase. */
export interface AcceptedLink<Out> {
  /**
   * Applies data that the server's socket received; data after the close is ignored. Never throws: an exception in the handling
   * of one client's data closes that client's link with `internal` (rule L11), and is nobody else's.
   */
  received(data: string | Uint8Array): void
  /** Ends the link because the server's socket is closed; calls onClosed unless it was called before. */
  closed(code: number): void
  /**
   * Sends a message as JSON; does nothing before the welcome and after the close. A message that the client would refuse is not
   * sent but reported to `onSetAside`, and the link goes on. Returns the characters that were sent.
   */
  send(message: Out): number
  /** Sends a binary frame; does nothing before the welcome and after the close. */
  sendBinary(bytes: Uint8Array): void
  /** Closes the socket with the code of that name and calls onClosed; does nothing after the close. */
  close(name: CloseName): void
  /** Returns the bytes that the socket has queued and the peer has not read. */
  bufferedBytes(): number
  /** States whether this side reads the socket: while it does not, the peer's silence is no sign of its death. */
  reading(isRead: boolean): void
}

interface AcceptState<In, Out> {
  readonly needs: AcceptLinkNeeds<In, Out>
  readonly tuning: LinkTuning
  readonly reportUnexpected: (unexpected: UnexpectedMessage) => void
  /** greeting: waits for hello. ready: until the close. over: onClosed was called. */
  phase: 'greeting' | 'ready' | 'over'
  wasReady: boolean
  receivedMs: number
  isRead: boolean
  sentMs: number
  pings: number
  cancelTimer: () => void
}

/**
 * The hub's side of a link (rules L1 to L9): waits for hello, answers welcome, keeps the link alive, parses each message.
 * It is `greeting` until the hello, then `ready`, and `over` after a close by either side, a broken message, a missing hello
 * or a lost heartbeat. It knows nothing of socket libraries, tokens or roles' messages: those come in through `needs`.
 */
export function acceptLink<In, Out>(needs: AcceptLinkNeeds<In, Out>): AcceptedLink<Out> {
  const tuning = needs.tuning ?? linkTuning
  const nowMs = needs.clock.monotonicMs()
  const state: AcceptState<In, Out> = {
    needs,
    tuning,
    reportUnexpected: createUnexpectedReporter(needs.onUnexpectedMessage),
    phase: 'greeting',
    wasReady: false,
    receivedMs: nowMs,
    isRead: true,
    sentMs: nowMs,
    pings: 0,
    cancelTimer: needs.clock.after(tuning.helloMs, () => close(state, 'helloMissing')),
  }
  const sendReady = (data: string | Uint8Array) => sendData(state, data)
  return {
    received: (data) => receive(state, data),
    closed: (code) => end(state, code),
    send: (message) => sendMessage(state, message),
    sendBinary: sendReady,
    close: (name) => close(state, name),
    bufferedBytes: () => needs.socket.bufferedBytes(),
    reading(isRead) {
      state.isRead = isRead
      state.receivedMs = needs.clock.monotonicMs()
    },
  }
}

function end<In, Out>(state: AcceptState<In, Out>, code: number): void {
  if (state.phase === 'over') return
  state.phase = 'over'
  state.cancelTimer()
  state.needs.onClosed({ code, wasReady: state.wasReady })
}

function close<In, Out>(state: AcceptState<In, Out>, name: CloseName): void {
  if (state.phase === 'over') return
  state.needs.socket.close(CLOSE[name].code, name)
  end(state, CLOSE[name].code)
}

function sendData<In, Out>(state: AcceptState<In, Out>, data: string | Uint8Array): void {
  if (state.phase !== 'ready') return
  state.sentMs = state.needs.clock.monotonicMs()
  state.needs.socket.send(data)
}

function sendMessage<In, Out>(state: AcceptState<In, Out>, message: Out): number {
  if (state.phase !== 'ready') return 0
  const written = writeMessage(message, state.needs.outgoing, state.needs.maxMessageBytes)
  if (written.ok) {
    sendData(state, written.text)
    return written.text.length
  }
  state.needs.onSetAside?.({ kind: written.kind, detail: written.detail })
  return 0
}

/** Checks silence and sends pings twice per heartbeat, so that a ping is late by half a heartbeat at most. Rule L4. */
function scheduleHeartbeat<In, Out>(state: AcceptState<In, Out>): void {
  const { needs, tuning } = state
  state.cancelTimer = needs.clock.after(tuning.heartbeatMs / 2, () => {
    const nowMs = needs.clock.monotonicMs()
    if (state.isRead && nowMs - state.receivedMs >= tuning.heartbeatMs * tuning.silenceFactor)
      return close(state, 'heartbeatLost')
    if (nowMs - state.sentMs >= tuning.heartbeatMs) {
      state.pings += 1
      sendData(state, JSON.stringify({ kind: 'ping', n: state.pings }))
    }
    scheduleHeartbeat(state)
  })
}

function greet<In, Out>(state: AcceptState<In, Out>, hello: Hello): void {
  const { needs, tuning } = state
  if (hello.protocol < PROTOCOL_OLDEST) return close(state, 'protocolTooOld')
  if (hello.protocol > PROTOCOL_VERSION) return close(state, 'protocolTooNew')
  if (hello.role !== needs.role) return close(state, 'badToken')
  state.cancelTimer()
  state.phase = 'ready'
  state.wasReady = true
  sendData(
    state,
    JSON.stringify({
      kind: 'welcome',
      // The version spoken on this link is the client's: an older client that the hub still supports is answered in its own.
      protocol: hello.protocol,
      hubVersion: needs.hubVersion,
      hubTimeMs: asWallClockMs(needs.clock.nowMs()),
      clientId: needs.clientId,
      heartbeatMs: tuning.heartbeatMs,
    }),
  )
  scheduleHeartbeat(state)
  needs.onReady(hello)
}

function receive<In, Out>(state: AcceptState<In, Out>, data: string | Uint8Array): void {
  if (state.phase === 'over') return
  state.receivedMs = state.needs.clock.monotonicMs()
  try {
    if (typeof data === 'string') receiveText(state, data)
    else if (state.phase === 'ready') state.needs.onBinary(data)
    else close(state, 'brokenMessage')
  } catch (error) {
    state.needs.onFailure?.(toError(error))
    close(state, 'internal')
  }
}

function receiveText<In, Out>(state: AcceptState<In, Out>, text: string): void {
  const { needs } = state
  const refuse = (kind: string, detail: string) => {
    state.reportUnexpected({ kind, broken: true, detail })
    close(state, 'brokenMessage')
  }
  const ofLink = parseMessage(text, linkMessage)
  if (ofLink.ok) {
    const { message } = ofLink
    if (state.phase === 'greeting')
      return message.kind === 'hello' ? greet(state, message) : refuse(message.kind, 'message before hello')
    if (message.kind === 'ping') sendData(state, JSON.stringify({ kind: 'pong', n: message.n }))
    return
  }
  if (ofLink.reason === 'broken') return refuse(ofLink.kind, ofLink.detail)
  if (state.phase !== 'ready') return refuse(ofLink.kind, 'message before hello')
  const parsed = parseMessage(text, needs.incoming)
  if (parsed.ok) return needs.onMessage(parsed.message)
  if (parsed.reason === 'broken') return refuse(parsed.kind, parsed.detail)
  state.reportUnexpected({ kind: parsed.kind, broken: false, detail: 'unknown kind' })
}
