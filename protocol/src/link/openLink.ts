import type { ZodType } from 'zod'
import type { Clock, Random } from '../clock.ts'
import { createEventQueue } from '../eventQueue.ts'
import { PROTOCOL_VERSION, linkMessage, type Hello } from '../hello.ts'
import { CLOSE } from '../refusals.ts'
import {
  firstLinkState,
  nextTickMs,
  stepLink,
  type LinkCommand,
  type LinkEvent,
  type LinkState,
} from './linkMachine.ts'
import { createUnexpectedReporter, parseMessage, type UnexpectedMessage } from './parseMessage.ts'
import { linkTuning, type LinkTuning } from './tuning.ts'

/** What a link needs of a socket library. `send` on a closed socket does nothing. */
export interface LinkSocket {
  send(data: string | Uint8Array): void
  close(code: number, reason: string): void
  bufferedBytes(): number
}

export interface SocketHandlers {
  open(): void
  message(data: string | Uint8Array): void
  close(code: number, reason: string): void
}

export interface OpenLinkNeeds<In> {
  /** Called at each attempt anew, so that a changed address or token counts. May throw: counts as a failed attempt. */
  readonly connect: (on: SocketHandlers) => LinkSocket
  readonly hello: Omit<Hello, 'kind' | 'protocol'>
  readonly incoming: ZodType<In>
  readonly clock: Clock
  readonly random: Random
  readonly tuning?: LinkTuning
  readonly onMessage: (message: In) => void
  readonly onBinary?: (bytes: Uint8Array) => void
  /** Called once per change of `at`. */
  readonly onState: (state: LinkState) => void
  /** A message of a kind this version does not know, or one that is broken (then the link is closed and tried again). */
  readonly onUnexpectedMessage?: (unexpected: UnexpectedMessage) => void
}

export interface Link<Out> {
  state(): LinkState
  /** false: not open, nothing was sent. */
  send(message: Out): boolean
  sendBinary(bytes: Uint8Array): boolean
  bufferedBytes(): number
  /** This machine slept or changed its network: look now whether the peer is still there. */
  resumed(): void
  stop(): void
}

/** The newcomer's side of a link: connects, greets, keeps it alive, connects again until stopped or finally refused. */
export function openLink<In, Out>(needs: OpenLinkNeeds<In>): Link<Out> {
  const { clock, tuning = linkTuning } = needs
  let state: LinkState = firstLinkState
  let socket: LinkSocket | undefined
  let cancelTick: () => void = () => undefined
  let pings = 0
  const reportUnexpected = createUnexpectedReporter(needs.onUnexpectedMessage)

  const scheduleTick = () => {
    cancelTick()
    const tickMs = nextTickMs(state, tuning)
    if (tickMs !== undefined)
      cancelTick = clock.after(tickMs - clock.monotonicMs(), () => dispatch({ kind: 'tick' }))
  }
  // A socket or a listener may report back while a step is carried out: its event waits for the end of that step.
  const { dispatch } = createEventQueue<LinkEvent>((event) => step(event), scheduleTick)

  const step = (event: LinkEvent) => {
    const before = state.at
    const next = stepLink(state, event, { nowMs: clock.monotonicMs(), random: needs.random, tuning })
    state = next.state
    for (const command of next.commands) execute(command)
    if (state.at !== before) needs.onState(state)
  }

  const execute = (command: LinkCommand) => {
    switch (command.kind) {
      case 'connect':
        return connect(command.socket)
      case 'greet':
        return socket?.send(JSON.stringify({ kind: 'hello', protocol: PROTOCOL_VERSION, ...needs.hello }))
      case 'ping':
        pings += 1
        return socket?.send(JSON.stringify({ kind: 'ping', n: pings }))
      case 'close': {
        const closing = socket
        socket = undefined
        return closing?.close(CLOSE[command.name].code, command.name)
      }
    }
  }

  const connect = (number: number) => {
    try {
      socket = needs.connect({
        open: () => dispatch({ kind: 'opened', socket: number }),
        message: (data) => receive(number, data),
        close: (code, why) => dispatch({ kind: 'closed', socket: number, code, why }),
      })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      clock.after(0, () => dispatch({ kind: 'closed', socket: number, code: 1006, why }))
    }
  }

  const receive = (number: number, data: string | Uint8Array) => {
    if (!('socket' in state) || state.socket !== number || state.at === 'waiting') return
    dispatch({ kind: 'received', socket: number })
    if (typeof data !== 'string') {
      if (state.at === 'open') needs.onBinary?.(data)
      return
    }
    const linkParsed = parseMessage(data, linkMessage)
    if (linkParsed.ok) {
      if (linkParsed.message.kind === 'welcome')
        dispatch({ kind: 'welcomed', socket: number, welcome: linkParsed.message })
      else if (linkParsed.message.kind === 'ping')
        socket?.send(JSON.stringify({ kind: 'pong', n: linkParsed.message.n }))
      return
    }
    const parsed = linkParsed.reason === 'unknown' ? parseMessage(data, needs.incoming) : linkParsed
    if (parsed.ok) {
      if (state.at === 'open') needs.onMessage(parsed.message)
      return
    }
    const broken = parsed.reason === 'broken'
    reportUnexpected({ kind: parsed.kind, broken, detail: broken ? parsed.detail : 'unknown kind' })
    if (broken) dispatch({ kind: 'broken', socket: number })
  }

  const deliver = (data: string | Uint8Array): boolean => {
    if (state.at !== 'open' || !socket) return false
    socket.send(data)
    state = { ...state, sentMs: clock.monotonicMs() }
    return true
  }

  dispatch({ kind: 'start' })
  return {
    state: () => state,
    send: (message) => deliver(JSON.stringify(message)),
    sendBinary: deliver,
    bufferedBytes: () => socket?.bufferedBytes() ?? 0,
    resumed: () => dispatch({ kind: 'resumed' }),
    stop: () => dispatch({ kind: 'stop' }),
  }
}
