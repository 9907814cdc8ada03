import type { BrowserSocket } from '../src/link/browserSocket.ts'

export interface FakeBrowserSocket extends BrowserSocket {
  readonly sent: readonly (string | Uint8Array)[]
  readonly closes: readonly (number | undefined)[]
  opens(): void
  receives(data: string | ArrayBuffer): void
  ends(code: number, reason?: string): void
}

/** Returns a browser's WebSocket that the test moves by hand; like the real one it throws for forbidden close codes. */
export function createFakeBrowserSocket(): FakeBrowserSocket {
  const sent: (string | Uint8Array)[] = []
  const closes: (number | undefined)[] = []
  let readyState = 0
  const socket: FakeBrowserSocket = {
    binaryType: 'blob',
    get readyState() {
      return readyState
    },
    bufferedAmount: 0,
    onopen: null,
    onmessage: null,
    onclose: null,
    sent,
    closes,
    send: (data) => void sent.push(data),
    close(code) {
      if (code !== undefined && code !== 1000 && (code < 3_000 || code > 4_999))
        throw new DOMException(`${code} is not allowed`, 'InvalidAccessError')
      closes.push(code)
      readyState = 3
    },
    opens() {
      readyState = 1
      socket.onopen?.(new Event('open'))
    },
    receives: (data) => socket.onmessage?.(new MessageEvent('message', { data })),
    ends(code, reason = '') {
      readyState = 3
      socket.onclose?.(new CloseEvent('close', { code, reason }))
    },
  }
  return socket
}
