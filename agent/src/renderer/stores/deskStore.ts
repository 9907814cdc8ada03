import type { CallId } from '@3cx-ninja/protocol'
import { createStore } from 'zustand/vanilla'
import type { DeskBridge, DeskEvent } from '../../ipc/channels.ts'
import type { DeskLine, DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { PageClock } from '../clock.ts'

export interface DeskShown {
  /** Undefined until main has sent its first snapshot. */
  readonly desk?: DeskSnapshot
  /** Arrival of the snapshot by the page's clock: remaining times count from it. */
  readonly receivedMs: number
  readonly connected: boolean
  readonly lines: { readonly callId?: CallId; readonly lines: readonly DeskLine[] }
  readonly levels: { readonly agent: number; readonly caller: number }
}

const NOTHING_SHOWN: DeskShown = {
  receivedMs: 0,
  connected: true,
  lines: { lines: [] },
  levels: { agent: 0, caller: 0 },
}

/** Returns the store of main's newest snapshot, lines and levels. It decides nothing: main owns the truth. */
export function createDeskStore(bridge: Pick<DeskBridge, 'onEvent' | 'onConnection'>, clock: PageClock) {
  const store = createStore<DeskShown>(() => NOTHING_SHOWN)
  bridge.onEvent((event) => store.setState((shown) => applyEvent(shown, event, clock.monotonicMs())))
  bridge.onConnection((state) => store.setState({ connected: state === 'on' }))
  return store
}
export type DeskStore = ReturnType<typeof createDeskStore>

export function applyEvent(shown: DeskShown, event: DeskEvent, nowMs: number): Partial<DeskShown> {
  switch (event.kind) {
    case 'snapshot':
      return { desk: event.desk, receivedMs: nowMs, connected: true }
    case 'lines':
      if (event.extent === 'all' || shown.lines.callId !== event.callId)
        return { lines: { callId: event.callId, lines: event.lines } }
      return { lines: { callId: event.callId, lines: mergeLines(shown.lines.lines, event.lines) } }
    case 'levels':
      return { levels: { agent: event.agent, caller: event.caller } }
    case 'fetched':
      return {} // soundStore.ts shows it
  }
}

/** Returns the lines in order of time, with each changed line in place of the old line with its id. */
export function mergeLines(lines: readonly DeskLine[], changed: readonly DeskLine[]): readonly DeskLine[] {
  const changedById = new Map(changed.map((line) => [line.id, line]))
  const kept = lines.filter(({ id }) => !changedById.has(id))
  return [...kept, ...changed].sort((a, b) => a.part - b.part || a.fromMs - b.fromMs)
}
