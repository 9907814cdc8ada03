import { SECOND_MS } from '@3cx-ninja/protocol'
import type { SocketClient } from './clientSockets.ts'

/** What one client sent lately, and which part that is of what all of them sent. */
export interface ClientTraffic {
  readonly client: SocketClient
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
  /** 0 to 1, of the work that all clients caused. */
  readonly share: number
}

/** Counts what each client sends, in windows of ten seconds. */
export interface Traffic {
  count(client: SocketClient, bytes: number): void
  /** Returns the client that caused the most work in the last whole window and since; undefined: none sent anything. */
  busiest(): ClientTraffic | undefined
}

/** Long enough that one burst of a client that catches up does not name it for a minute. */
const WINDOW_MS = 10 * SECOND_MS
/** A message costs about as much to handle as 4 KiB of sound cost to store. */
const BYTES_PER_MESSAGE = 4_096

interface Sent {
  readonly client: SocketClient
  messages: number
  bytes: number
}

const workOf = ({ messages, bytes }: Sent) => messages + bytes / BYTES_PER_MESSAGE

/** Creates the counters. A client that sends nothing costs nothing from the second window on. */
export function createTraffic(monotonicMs: () => number): Traffic {
  let windowMs = monotonicMs()
  let previous = new Map<string, Sent>()
  let current = new Map<string, Sent>()
  const turn = () => {
    const ageMs = monotonicMs() - windowMs
    if (ageMs < WINDOW_MS) return
    previous = ageMs < 2 * WINDOW_MS ? current : new Map<string, Sent>()
    current = new Map()
    windowMs = monotonicMs()
  }
  return {
    count(client, bytes) {
      turn()
      const sent = current.get(client.id) ?? { client, messages: 0, bytes: 0 }
      sent.messages += 1
      sent.bytes += bytes
      current.set(client.id, sent)
    },
    busiest() {
      turn()
      const all = new Map<string, Sent>()
      for (const { client, messages, bytes } of [...previous.values(), ...current.values()]) {
        const before = all.get(client.id)
        all.set(client.id, {
          client,
          messages: messages + (before?.messages ?? 0),
          bytes: bytes + (before?.bytes ?? 0),
        })
      }
      const sorted = [...all.values()].sort((one, other) => workOf(other) - workOf(one))
      const [most] = sorted
      const total = sorted.reduce((sum, sent) => sum + workOf(sent), 0)
      if (!most || total === 0) return undefined
      const seconds = (monotonicMs() - windowMs + (previous.size > 0 ? WINDOW_MS : 0)) / SECOND_MS
      return {
        client: most.client,
        messagesPerSecond: most.messages / Math.max(1, seconds),
        bytesPerSecond: most.bytes / Math.max(1, seconds),
        share: workOf(most) / total,
      }
    },
  }
}
