import type { Answer, DeskBridge, DeskEvent } from '../../ipc/channels.ts'
import { FUNCTION_NAMES, type FunctionName } from '../../ipc/functionNames.ts'
import type { PageClock } from '../clock.ts'

interface Waiting {
  readonly name: FunctionName
  readonly resolve: (answer: Answer<FunctionName>) => void
}

type FromMain = DeskEvent | (Answer<FunctionName> & { readonly id: number })

const FIRST_AGAIN_MS = 250
const MAX_AGAIN_MS = 5_000
const DISCONNECTED = { ok: false, error: 'disconnected', message: '' } as const

/** The desk over a WebSocket of the server that served this page. Connects again by itself; what was asked meanwhile is answered 'disconnected'. */
export function createWebBridge(needs: { readonly url: string; readonly clock: PageClock }): DeskBridge {
  const events = new Set<(event: DeskEvent) => void>()
  const connections = new Set<(state: 'on' | 'off') => void>()
  const waiting = new Map<number, Waiting>()
  let socket: WebSocket | undefined
  let nextId = 0
  let attempt = 0

  const connect = () => {
    const opening = new WebSocket(needs.url)
    socket = opening
    opening.onopen = () => {
      attempt = 0
      for (const tell of connections) tell('on')
    }
    // Our own server checked it against the table before it sent it.
    opening.onmessage = ({ data }: MessageEvent<string>) => take(JSON.parse(data) as FromMain)
    opening.onclose = () => {
      for (const { resolve } of waiting.values()) resolve(DISCONNECTED)
      waiting.clear()
      for (const tell of connections) tell('off')
      attempt += 1
      needs.clock.after(Math.min(MAX_AGAIN_MS, FIRST_AGAIN_MS * 2 ** (attempt - 1)), connect)
    }
  }
  const take = (message: FromMain) => {
    if ('kind' in message) {
      for (const tell of events) tell(message)
      return
    }
    waiting.get(message.id)?.resolve(message)
    waiting.delete(message.id)
  }
  const ask = (name: FunctionName, input: unknown) =>
    new Promise<Answer<FunctionName>>((resolve) => {
      if (socket?.readyState !== WebSocket.OPEN) return resolve(DISCONNECTED)
      const id = nextId++
      waiting.set(id, { name, resolve })
      socket.send(JSON.stringify({ id, name, input }))
    })
  const subscribe =
    <Listener>(listeners: Set<Listener>) =>
    (listener: Listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  connect()
  const asking = Object.fromEntries(
    FUNCTION_NAMES.map((name) => [name, (input: unknown) => ask(name, input)]),
  )
  // Each name of the table, once: the compiler cannot see it through fromEntries.
  return {
    ...asking,
    onEvent: subscribe(events),
    onConnection: subscribe(connections),
  } as unknown as DeskBridge
}
