import { CLOSE, type LinkSocket, type SocketHandlers } from '@3cx-ninja/protocol'
import { wallboardTuning } from '../tuning.ts'

/** The part of the browser's WebSocket that the link uses. */
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
/** The only codes besides 1000 that a page may close with; the browser throws for others. */
const OWN_CODES = { from: 3_000, to: 4_999 }

/**
 * Returns the opener of the browser's socket for a link. A browser hides the reason of a failed socket: when the hub still
 * answers HTTP, twice in a row, it refused the wallboard's token (the upgrade got a 401), and the opener reports 'badToken'.
 */
export function createSocketOpener(needs: {
  readonly open: () => BrowserSocket
  /** Resolves with whether the hub answers plain HTTP; never rejects. */
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
