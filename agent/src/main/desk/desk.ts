import type { CallId, Clock, RecordingId } from '@3cx-ninja/protocol'
import { answerCall } from '../../ipc/answerCall.ts'
import type { Answer, DeskEvent } from '../../ipc/channels.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { FunctionName } from '../../ipc/functionNames.ts'
import type { AgentEvent } from '../app/agentEvents.ts'
import { createSteadyWallClock } from '../call/steadyWallClock.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { createHandlers, soundUrl } from './deskFunctions.ts'
import { emptyDesk, stepDesk, type DeskInput, type DeskState } from './deskState.ts'
import { createHistoryKeeper } from './historyKeeper.ts'
import { projectDesk } from './projectDesk.ts'
import { createLevelMeter, type Levels } from '../capture/recording/levelMeter.ts'
import type { DeskParts } from './ports.ts'
import { changedLines, type Transcript } from './transcripts.ts'
import { createVisibleCards } from './visibleCards.ts'
import { deskTuning, type DeskTuning } from './tuning.ts'

export interface DeskNeeds extends DeskParts {
  readonly clock: Clock
  readonly log: Logger
  readonly tuning?: DeskTuning
}

/** One page that shows the desk. */
export interface DeskClient {
  /** Resolves with an answer to every call of the page, a malformed one too. Never rejects. */
  call(call: { readonly name: unknown; readonly input: unknown }): Promise<Answer<FunctionName>>
  /** Forgets the page when it is gone: its cards are on no screen then. Safe twice. */
  close(): void
}

export interface Desk {
  /** Applies every event of the agent, in order. */
  onEvent(event: AgentEvent): void
  onLevels(levels: Levels): void
  /** Publishes the share of a hub recording that is on this PC by now, 0 to 1. */
  fetched(recordingId: RecordingId, share: number): void
  /** Connects a page, which gets a snapshot at once. */
  connect(listener: (event: DeskEvent) => void): DeskClient
  /** Stops publishing and writes the pending calls to the history. */
  stop(): Promise<void>
}

interface Page {
  readonly publish: (event: DeskEvent) => void
  lines?: { readonly callId: CallId; readonly lines: Transcript }
}

interface DeskRoom {
  readonly needs: DeskNeeds
  readonly tuning: DeskTuning
  readonly pages: Set<Page>
  readonly meter: ReturnType<typeof createLevelMeter>
  readonly keeper: ReturnType<typeof createHistoryKeeper>
  readonly cards: ReturnType<typeof createVisibleCards>
  readonly steadyWallClockMs: () => number
  state: DeskState
  cancelPublish: (() => void) | undefined
  cancelPoll: () => void
  publishedMs: number
  /** What changes without an event, as last polled. */
  lastPolled: string
  isStopped: boolean
}

/**
 * Creates the technician's desk: the agent's view model, as snapshots for any number of pages, and the pages' user actions to the agent.
 * It publishes at most ten snapshots a second while a page is connected, until it is stopped. Knows nothing of sockets and windows: those
 * live in web/ and electron/.
 */
export function createDesk(needs: DeskNeeds): Desk {
  const room = createRoom(needs)
  room.cancelPoll = needs.clock.after(room.tuning.pollMs, () => poll(room))
  void needs.history.localIds().then((names) => apply(room, { kind: 'remembered', names }))
  return {
    onEvent: (event) => apply(room, event),
    onLevels: room.meter.add,
    fetched(recordingId, share) {
      publishAll(room, { kind: 'fetched', url: soundUrl(recordingId), share })
    },
    connect: (listener) => connect(room, listener),
    async stop() {
      room.isStopped = true
      room.cancelPublish?.()
      room.cancelPoll()
      room.meter.stop()
      await room.keeper.flush(room.state)
    },
  }
}

function createRoom(needs: DeskNeeds): DeskRoom {
  const { clock, agent, log, history, tuning = deskTuning } = needs
  const room: DeskRoom = {
    needs,
    tuning,
    pages: new Set(),
    meter: createLevelMeter({
      clock,
      everyMs: tuning.levelsMs,
      onLevels: (levels) => publishAll(room, { kind: 'levels', ...levels }),
    }),
    keeper: createHistoryKeeper({ clock, log, tuning, history, cards: agent.drafts.cards }),
    cards: createVisibleCards((draftId, visible) => agent.drafts.shown(draftId, visible)),
    // Calls are stamped by this clock, too: a clock that is set in mid-call does not change the shown duration.
    steadyWallClockMs: createSteadyWallClock(clock, () =>
      [...room.state.calls.values()].some(({ call }) => call.endedAtMs === undefined),
    ),
    state: emptyDesk,
    cancelPublish: undefined,
    cancelPoll: () => undefined,
    publishedMs: -tuning.snapshotMs,
    lastPolled: '',
    isStopped: false,
  }
  return room
}

const nowOf = ({ needs: { clock } }: DeskRoom) => ({
  wallClockMs: clock.nowMs(),
  monotonicMs: clock.monotonicMs(),
})

function publishAll({ pages }: DeskRoom, event: DeskEvent): void {
  for (const page of pages) page.publish(event)
}

function apply(room: DeskRoom, input: DeskInput): void {
  room.steadyWallClockMs() // reads the clock before a call begins, if this input begins one
  const previous = room.state
  room.state = stepDesk(room.state, input, nowOf(room))
  room.keeper.changed(input, previous, room.state)
  schedulePublish(room)
}

function project(room: DeskRoom): DeskSnapshot {
  const { settings, platform, agent } = room.needs
  const context = {
    version: platform.version,
    setUp: settings.value.hub && platform.isEnrolled() ? ('done' as const) : ('needed' as const),
    view: agent.view(),
    settings,
    listening: room.meter.isListening(),
    soundOrigins: platform.soundOrigins(),
    app: platform.app,
  }
  return projectDesk(room.state, context, { ...nowOf(room), wallClockMs: room.steadyWallClockMs() })
}

function schedulePublish(room: DeskRoom): void {
  const { clock } = room.needs
  if (room.isStopped || room.pages.size === 0) return
  const dueMs = room.publishedMs + room.tuning.snapshotMs - clock.monotonicMs()
  room.cancelPublish ??= clock.after(Math.max(0, dueMs), () => {
    room.cancelPublish = undefined
    room.publishedMs = clock.monotonicMs()
    const desk = project(room)
    for (const page of room.pages) publish(room, page, desk)
  })
}

function publish(room: DeskRoom, page: Page, desk: DeskSnapshot): void {
  page.publish({ kind: 'snapshot', desk })
  const callId = desk.shown
  if (!callId) return
  const lines = room.state.transcripts.get(callId) ?? []
  const shown = page.lines?.callId === callId ? page.lines.lines : undefined
  const fresh = shown && changedLines(shown, lines)
  page.lines = { callId, lines }
  if (!fresh) page.publish({ kind: 'lines', callId, extent: 'all', lines: [...lines] })
  else if (fresh.length > 0) page.publish({ kind: 'lines', callId, extent: 'changed', lines: [...fresh] })
}

/** Publishes what changes without an event: the amount that waits for the hub, and the audio devices. */
function poll(room: DeskRoom): void {
  if (room.pages.size > 0) {
    const { waiting, listening, soundOrigins } = project(room)
    const polled = JSON.stringify([waiting, listening, soundOrigins])
    if (polled !== room.lastPolled) schedulePublish(room)
    room.lastPolled = polled
  }
  room.cancelPoll = room.needs.clock.after(room.tuning.pollMs, () => poll(room))
}

function connect(room: DeskRoom, listener: (event: DeskEvent) => void): DeskClient {
  const page: Page = { publish: listener }
  const screen = room.cards.openScreen()
  const handlers = createHandlers({
    ...room.needs,
    state: () => room.state,
    apply: (input) => apply(room, input),
    changed: () => schedulePublish(room),
    keep: () => room.keeper.flush(room.state),
    show: screen.show,
  })
  room.pages.add(page)
  publish(room, page, project(room))
  return {
    call: (call) =>
      answerCall(handlers, call, (name, error) =>
        room.needs.log.error({ name, cause: causeOf(error) }, 'desk.failed'),
      ),
    close() {
      room.pages.delete(page)
      screen.leave()
    },
  }
}
