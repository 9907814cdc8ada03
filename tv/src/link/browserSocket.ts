import { CLOSE, type LinkSocket, type SocketHandlers } from '@3cx-ninja/protocol'
import { wallboardTuning } from '../tuning.ts'

/** What we use of the browser's WebSocket. */
export interface BrowserSocket {
  binaryType: BinaryType
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: ((event: Event) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
}

const OPEN = 1
const ABNORMAL = 1006
/** The only codes a page may close with, beside 1000; others throw. */
const OWN_CODES = { from: 3_000, to: 4_999 }

/**
 * Opens the browser's socket for a link. A browser hides why a socket was not opened: if the hub answers HTTP all the
 * same, twice in a row, the wallboard's token was refused (the upgrade got a 401), which the link is told as 'badToken'.
 */
export function createSocketOpener(needs: {
  readonly open: () => BrowserSocket
  /** Whether our hub answers plain HTTP; never rejects. */
  readonly hubAnswers: () => Promise<boolean>
}): (on: SocketHandlers) => LinkSocket {
  let suspects = 0
  return (on) => {
    const socket = needs.open()
    socket.binaryType = 'arraybuffer'
    let opened = false
    socket.onopen = () => {
      opened = true
      suspects = 0
      on.open()
    }
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      on.message(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer)) // by binaryType
    }
    socket.onclose = ({ code, reason }) => {
      if (opened) return on.close(code, reason || 'connection closed')
      void needs.hubAnswers().then((answers) => {
        suspects = answers ? suspects + 1 : 0
        if (suspects >= wallboardTuning.refusalsBelieved) on.close(CLOSE.badToken.code, 'badToken')
        else on.close(ABNORMAL, answers ? 'the hub refused the socket' : 'the hub does not answer')
      })
    }
    return {
      send(data) {
        if (socket.readyState !== OPEN) return
        socket.send(typeof data === 'string' ? data : new Uint8Array(data))
      },
      close(code, reason) {
        if (code >= OWN_CODES.from && code <= OWN_CODES.to) socket.close(code, reason)
        else socket.close(1000, reason)
      },
      bufferedBytes: () => socket.bufferedAmount,
    }
  }
}
