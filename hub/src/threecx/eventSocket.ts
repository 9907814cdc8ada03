import { WebSocket, type ClientOptions } from 'ws'
import type { Clock } from '@3cx-ninja/protocol'
import type { PbxAccount } from './pbxAccount.ts'
import { trustedAuthorities } from './pbxAccount.ts'
import { pbxErrorOf, pbxErrorOfStatus, type PbxError } from './pbxError.ts'
import { MAX_FRAME_BYTES, type CallControlTuning } from './tuning.ts'

/** One socket to the PBX: opening, then open or ended; it ends by `close`, by the PBX, or by its silence. */
export interface EventSocket {
  /** Resolves, once, when it is over: `status` where the PBX refused the upgrade. */
  readonly ended: Promise<{ readonly pbxError: PbxError; readonly status?: number }>
  /** Resolves when it is open, or over. */
  readonly opened: Promise<boolean>
  close(): void
}

/**
 * Opens the PBX's stream of events. The token goes in a header of the upgrade, the only place where 3CX reads it.
 * Terminates a peer that answers no ping. Never rejects: a failure resolves `ended`.
 */
export async function openEventSocket(needs: {
  readonly account: PbxAccount
  readonly token: string
  readonly clock: Clock
  readonly tuning: CallControlTuning
  readonly onFrame: (text: string) => void
}): Promise<EventSocket> {
  const { account, clock, tuning } = needs
  const trusted = await trustedAuthorities(account)
  if (!trusted.ok)
    return {
      ended: Promise.resolve({ pbxError: trusted.pbxError }),
      opened: Promise.resolve(false),
      close: () => undefined,
    }
  const url = new URL('/callcontrol/ws', account.url)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const options: ClientOptions & { closeTimeout: number } = {
    headers: { authorization: `Bearer ${needs.token}` },
    ...(trusted.ca ? { ca: trusted.ca } : {}),
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
    // A PBX that does not answer the close must not keep a stopping hub (not in @types/ws 8.18).
    closeTimeout: 2_000,
  }
  const socket = new WebSocket(url, options)
  let pbxError: PbxError = { code: 'cut', detail: '' }
  let status: number | undefined
  let cancel: () => void = () => undefined
  let receivedMs = clock.monotonicMs()

  const beat = () => {
    if (clock.monotonicMs() - receivedMs >= tuning.silentMs) {
      pbxError = { code: 'cut', detail: `silent for ${tuning.silentMs / 1_000} s` }
      socket.terminate()
      return
    }
    if (socket.readyState === WebSocket.OPEN) socket.ping()
    cancel = clock.after(tuning.pingMs, beat)
  }
  cancel = clock.after(tuning.pingMs, beat) // from now on: also a handshake that never ends
  const opened = new Promise<boolean>((resolve) => {
    socket.on('open', () => {
      receivedMs = clock.monotonicMs()
      resolve(true)
    })
    socket.on('close', () => resolve(false))
  })
  socket.on('pong', () => (receivedMs = clock.monotonicMs()))
  socket.on('ping', () => (receivedMs = clock.monotonicMs()))
  socket.on('message', (data: Buffer, isBinary) => {
    receivedMs = clock.monotonicMs()
    if (!isBinary) needs.onFrame(data.toString('utf8'))
  })
  socket.on('unexpected-response', (request, response) => {
    status = response.statusCode ?? 0
    pbxError = pbxErrorOfStatus(status, (response.headers['content-type'] ?? '').includes('html'))
    response.resume()
    request.destroy()
    socket.terminate()
  })
  socket.on('error', (error: Error & { code?: string }) => {
    if (status === undefined && pbxError.detail === '')
      pbxError = { ...pbxErrorOf(error.code ?? '', error.message.slice(0, 200)) }
  })
  const ended = new Promise<{ pbxError: PbxError; status?: number }>((resolve) => {
    socket.on('close', (code, reason) => {
      cancel()
      const words = reason
        .toString()
        .replaceAll(/\p{Cc}/gu, '')
        .slice(0, 100)
      const final = pbxError.detail === '' ? { ...pbxError, detail: `${code} ${words}`.trim() } : pbxError
      resolve({ pbxError: final, ...(status === undefined ? {} : { status }) })
    })
  })
  return { ended, opened, close: () => close(socket) }
}

function close(socket: WebSocket): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.terminate()
  else socket.close(1000)
}
