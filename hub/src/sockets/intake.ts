import { createKeyedLanes, type KeyedLanes } from '@3cx-ninja/node-kit/keyedLanes.ts'
import type { Clock } from '@3cx-ninja/protocol'
import type { Reading } from './reading.ts'

/** The bounds of what one client may have waiting. */
export interface IntakeTuning {
  readonly underWay: number
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
  readonly behindMs: number
}

/** The messages of one link that wait for their handling, in the order in which they came. */
export interface Intake {
  /** Handles one message after those before it have begun. `work` must not reject. Nothing happens after `close`. */
  add(bytes: number, work: () => Promise<void>): void
  /** Forgets what waits; what is under way goes on. */
  close(): void
}

/** The waiting messages of all clients: each client has its own bound and its own turn. */
export interface Intakes {
  /** Opens the intake of one link of this client. `onBehind` is called once for each time that the link stays behind. */
  open(clientId: string, reading: Reading, onBehind: () => void): Intake
  /** Returns how many messages of this client wait or are under way. */
  count(clientId: string): number
}

interface LinkState {
  readonly clientId: string
  readonly reading: Reading
  readonly onBehind: () => void
  waiting: number
  bytes: number
  /** Set while the socket is not read. */
  letGo: (() => void) | undefined
  /** When the link's messages began to come faster than they are handled, monotonic; undefined: nothing waits. */
  behindSinceMs: number | undefined
  isReported: boolean
  isClosed: boolean
}

/**
 * Creates the intakes. A few messages of each client are under way at once, in the order in which they came; above the bound of
 * messages or bytes the client's socket is not read, so that what a client sends too fast waits on its own machine.
 */
export function createIntakes(needs: { readonly clock: Clock; readonly tuning: IntakeTuning }): Intakes {
  const lanes = createKeyedLanes<string>(needs.tuning.underWay)
  return {
    open(clientId, reading, onBehind) {
      const link: LinkState = {
        clientId,
        reading,
        onBehind,
        waiting: 0,
        bytes: 0,
        letGo: undefined,
        behindSinceMs: undefined,
        isReported: false,
        isClosed: false,
      }
      return {
        add: (bytes, work) => add({ ...needs, lanes }, link, bytes, work),
        close() {
          link.isClosed = true
        },
      }
    },
    count: (clientId) => lanes.count(clientId),
  }
}

type Needs = Parameters<typeof createIntakes>[0] & { readonly lanes: KeyedLanes<string> }

function add(needs: Needs, link: LinkState, bytes: number, work: () => Promise<void>): void {
  const { clock, lanes, tuning } = needs
  if (link.isClosed) return
  link.waiting += 1
  link.bytes += bytes
  if (link.waiting > tuning.maxWaiting || link.bytes > tuning.maxWaitingBytes) {
    link.letGo ??= link.reading.hold()
    link.behindSinceMs ??= clock.monotonicMs()
  }
  void lanes
    .run(link.clientId, async () => {
      if (!link.isClosed) await work()
    })
    .finally(() => handled(needs, link, bytes))
}

function handled({ clock, tuning }: Needs, link: LinkState, bytes: number): void {
  link.waiting -= 1
  link.bytes -= bytes
  if (link.behindSinceMs !== undefined && !link.isReported) {
    link.isReported = clock.monotonicMs() - link.behindSinceMs >= tuning.behindMs
    if (link.isReported && !link.isClosed) link.onBehind()
  }
  if (link.waiting === 0) {
    link.behindSinceMs = undefined
    link.isReported = false
  }
  if (link.waiting > tuning.maxWaiting / 2 || link.bytes > tuning.maxWaitingBytes / 2) return
  link.letGo?.()
  link.letGo = undefined
}
