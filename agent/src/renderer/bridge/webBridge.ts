import type { Answer, DeskBridge, DeskEvent } from '../../ipc/channels.ts'
import { FUNCTION_NAMES, type FunctionName } from '../../ipc/functionNames.ts'
import type { PageClock } from '../clock.ts'

interface PendingCall {
  readonly name: FunctionName
  readonly resolve: (answer: Answer<FunctionName>) => void
}

type MessageFromMain = DeskEvent | (Answer<FunctionName> & { readonly id: number })

const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 5_000
const DISCONNECTED = { ok: false, error: 'disconnected', message: '' } as const

/**
 * Returns the bridge to the desk over a WebSocket to the server of this page. It connects again by itself after 250 ms,
 * then after growing pauses up to 5 s; a call without a connection resolves with the error 'disconnected'. Never rejects.
 */
export function createWebBridge(needs: { readonly url: string; readonly clock: PageClock }): DeskBridge {
  const events = new Set<(event: DeskEvent) => void>()
  const connections = new Set<(state: 'on' | 'off') => void>()
  const pendingCalls = new Map<number, PendingCall>()
  let socket: WebSocket | undefined
  let nextId = 0
  let attempt = 0

  const connect = () => {
    const opening = new WebSocket(needs.url)
    socket = opening
    opening.onopen = () => {
      attempt = 0
      for (const notify of connections) notify('on')
    }
    // The agent's own server parsed the message by its schema before it sent it.
    opening.onmessage = ({ data }: MessageEvent<string>) => receive(JSON.parse(data) as MessageFromMain)
    opening.onclose = () => {
      for (const { resolve } of pendingCalls.values()) resolve(DISCONNECTED)
      pendingCalls.clear()
      for (const notify of connections) notify('off')
      attempt += 1
      needs.clock.after(Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)), connect)
    }
  }
  const receive = (message: MessageFromMain) => {
    if ('kind' in message) {
      for (const notify of events) notify(message)
      return
    }
    pendingCalls.get(message.id)?.resolve(message)
    pendingCalls.delete(message.id)
  }
  const callMain = (name: FunctionName, input: unknown) =>
    new Promise<Answer<FunctionName>>((resolve) => {
      if (socket?.readyState !== WebSocket.OPEN) return resolve(DISCONNECTED)
      const id = nextId++
      pendingCalls.set(id, { name, resolve })
      socket.send(JSON.stringify({ id, name, input }))
    })
  const subscribe =
    <Listener>(listeners: Set<Listener>) =>
    (listener: Listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  connect()
  const functions = Object.fromEntries(
    FUNCTION_NAMES.map((name) => [name, (input: unknown) => callMain(name, input)]),
  )
  // `fromEntries` hides from the compiler that every name of the table is there.
  return {
    ...functions,
    onEvent: subscribe(events),
    onConnection: subscribe(connections),
  } as unknown as DeskBridge
}
