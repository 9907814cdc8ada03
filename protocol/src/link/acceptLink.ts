import type { ZodType } from 'zod'
import type { Clock } from '../clock.ts'
import { PROTOCOL_OLDEST, PROTOCOL_VERSION, linkMessage, type Hello } from '../hello.ts'
import { CLOSE, type CloseName } from '../refusals.ts'
import type { LinkSocket } from './openLink.ts'
import { createUnexpectedReporter, parseMessage, type UnexpectedMessage } from './parseMessage.ts'
import { linkTuning, type LinkTuning } from './tuning.ts'

export interface AcceptLinkNeeds<In> {
  readonly socket: LinkSocket
  readonly role: Hello['role']
  /** Id of the newcomer, as its token says. */
  readonly clientId: string
  readonly hubVersion: string
  readonly clock: Clock
  readonly incoming: ZodType<In>
  readonly tuning?: LinkTuning
  readonly onReady: (hello: Hello) => void
  readonly onMessage: (message: In) => void
  readonly onBinary: (bytes: Uint8Array) => void
  /** Once, whatever the reason. `wasReady`: whether onReady was called. */
  readonly onClosed: (end: { readonly code: number; readonly wasReady: boolean }) => void
  readonly onUnexpectedMessage?: (unexpected: UnexpectedMessage) => void
}

export interface AcceptedLink<Out> {
  /** The server hands in what the socket received. */
  received(data: string | Uint8Array): void
  /** The server tells that the socket is closed. */
  closed(code: number): void
  send(message: Out): void
  /** A message already written as JSON, for what goes to many. */
  sendText(text: string): void
  sendBinary(bytes: Uint8Array): void
  close(name: CloseName): void
  bufferedBytes(): number
}

/** The hub's side of a link: waits for hello, answers welcome, keeps it alive, parses each message. Rules L1 to L9. */
export function acceptLink<In, Out>(needs: AcceptLinkNeeds<In>): AcceptedLink<Out> {
  const { socket, clock, tuning = linkTuning } = needs
  let phase: 'greeting' | 'ready' | 'over' = 'greeting'
  let wasReady = false
  let receivedMs = clock.monotonicMs()
  let sentMs = receivedMs
  let pings = 0
  const reportUnexpected = createUnexpectedReporter(needs.onUnexpectedMessage)
  let cancel = clock.after(tuning.helloMs, () => close('helloMissing'))

  const end = (code: number) => {
    if (phase === 'over') return
    phase = 'over'
    cancel()
    needs.onClosed({ code, wasReady })
  }
  const close = (name: CloseName) => {
    if (phase === 'over') return
    socket.close(CLOSE[name].code, name)
    end(CLOSE[name].code)
  }
  const sendData = (data: string | Uint8Array) => {
    if (phase !== 'ready') return
    sentMs = clock.monotonicMs()
    socket.send(data)
  }
  const beat = () => {
    const nowMs = clock.monotonicMs()
    if (nowMs - receivedMs >= tuning.heartbeatMs * tuning.silenceFactor) return close('heartbeatLost')
    if (nowMs - sentMs >= tuning.heartbeatMs) {
      pings += 1
      sendData(JSON.stringify({ kind: 'ping', n: pings }))
    }
    cancel = clock.after(tuning.heartbeatMs / 2, beat)
  }

  const greet = (hello: Hello) => {
    if (hello.protocol < PROTOCOL_OLDEST) return close('protocolTooOld')
    if (hello.protocol > PROTOCOL_VERSION) return close('protocolTooNew')
    if (hello.role !== needs.role) return close('badToken')
    cancel()
    phase = 'ready'
    wasReady = true
    sendData(
      JSON.stringify({
        kind: 'welcome',
        // The version spoken on this link: an older newcomer that we still support is answered in its own.
        protocol: hello.protocol,
        hubVersion: needs.hubVersion,
        hubTimeMs: clock.nowMs(),
        clientId: needs.clientId,
        heartbeatMs: tuning.heartbeatMs,
      }),
    )
    cancel = clock.after(tuning.heartbeatMs / 2, beat)
    needs.onReady(hello)
  }

  const receiveText = (text: string) => {
    const linkParsed = parseMessage(text, linkMessage)
    if (linkParsed.ok) {
      if (phase === 'greeting') {
        if (linkParsed.message.kind === 'hello') return greet(linkParsed.message)
        reportUnexpected({ kind: linkParsed.message.kind, broken: true, detail: 'message before hello' })
        return close('brokenMessage')
      }
      if (linkParsed.message.kind === 'ping')
        sendData(JSON.stringify({ kind: 'pong', n: linkParsed.message.n }))
      return
    }
    if (linkParsed.reason === 'broken' || phase !== 'ready') {
      reportUnexpected({
        kind: linkParsed.kind,
        broken: true,
        detail: linkParsed.reason === 'broken' ? linkParsed.detail : 'message before hello',
      })
      return close('brokenMessage')
    }
    const parsed = parseMessage(text, needs.incoming)
    if (parsed.ok) return needs.onMessage(parsed.message)
    const broken = parsed.reason === 'broken'
    reportUnexpected({ kind: parsed.kind, broken, detail: broken ? parsed.detail : 'unknown kind' })
    if (broken) close('brokenMessage')
  }

  return {
    received(data) {
      if (phase === 'over') return
      receivedMs = clock.monotonicMs()
      if (typeof data === 'string') receiveText(data)
      else if (phase === 'ready') needs.onBinary(data)
      else close('brokenMessage')
    },
    closed: end,
    send: (message) => sendData(JSON.stringify(message)),
    sendText: sendData,
    sendBinary: sendData,
    close,
    bufferedBytes: () => socket.bufferedBytes(),
  }
}
