import type { CallId, Clock, RecordingId } from '@3cx-ninja/protocol'
import { answerCall } from '../../ipc/answerCall.ts'
import type { Answer, DeskEvent } from '../../ipc/channels.ts'
import type { FunctionName } from '../../ipc/functionNames.ts'
import type { AgentEvent } from '../app/agentEvents.ts'
import { createSteadyWallClock } from '../call/steadyWallClock.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { createHandlers, soundUrl } from './deskFunctions.ts'
import { emptyDesk, stepDesk, type DeskHappening, type DeskState } from './deskState.ts'
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

/** One page that looks at the desk. */
export interface DeskClient {
  /** Answers every call, whatever it says. */
  call(asked: { readonly name: unknown; readonly takes: unknown }): Promise<Answer<FunctionName>>
  /** The page is gone: its cards are not on any screen. Safe twice. */
  close(): void
}

export interface Desk {
  /** Every event of the agent, in order. */
  sees(event: AgentEvent): void
  hears(levels: Levels): void
  /** So much of a sound that only the hub has came here by now; 0 to 1. */
  fetched(recordingId: RecordingId, share: number): void
  connect(listener: (event: DeskEvent) => void): DeskClient
  /** Writes what is left to the history. */
  stop(): Promise<void>
}

interface Seat {
  readonly tell: (event: DeskEvent) => void
  lines?: { readonly callId: CallId; readonly lines: Transcript }
}

/** The technician's desk: what the agent does, as snapshots for any number of pages, and the pages' wishes to the agent. */
export function createDesk(needs: DeskNeeds): Desk {
  const { clock, agent, settings, around, log, tuning = deskTuning } = needs
  let state: DeskState = emptyDesk
  const seats = new Set<Seat>()
  let cancelTell: (() => void) | undefined
  let toldMs = -tuning.snapshotMs
  let waited = ''
  let stopped = false

  // As the calls are stamped: a clock set in mid-call does not change for how long it is shown to last.
  const steadyWallClockMs = createSteadyWallClock(clock, () =>
    [...state.calls.values()].some(({ call }) => call.endedAtMs === undefined),
  )
  const now = () => ({ wallClockMs: clock.nowMs(), monotonicMs: clock.monotonicMs() })
  const take = (happening: DeskHappening) => {
    steadyWallClockMs() // by the clock as it is before this call begins, if one does
    const before = state
    state = stepDesk(state, happening, now())
    keeper.changed(happening, before, state)
    changed()
  }
  const meter = createLevelMeter({
    clock,
    everyMs: tuning.levelsMs,
    onLevels: (levels) => {
      for (const { tell } of seats) tell({ event: 'levels', ...levels })
    },
  })
  const keeper = createHistoryKeeper({
    clock,
    log,
    tuning,
    history: needs.history,
    cards: agent.drafts.cards,
  })
  const cards = createVisibleCards((draftId, visible) => agent.drafts.shown(draftId, visible))
  const project = () => {
    const setUp = settings.value.hub && around.isEnrolled() ? 'done' : 'needed'
    const { version } = around
    return projectDesk(
      state,
      {
        version,
        setUp,
        view: agent.view(),
        settings,
        listening: meter.isListening(),
        heardFrom: around.heardFrom(),
        app: around.app,
      },
      { ...now(), wallClockMs: steadyWallClockMs() },
    )
  }

  const changed = () => {
    if (stopped || seats.size === 0) return
    cancelTell ??= clock.after(Math.max(0, toldMs + tuning.snapshotMs - clock.monotonicMs()), () => {
      cancelTell = undefined
      toldMs = clock.monotonicMs()
      const desk = project()
      for (const seat of seats) tell(seat, desk)
    })
  }
  const tell = (seat: Seat, desk: ReturnType<typeof project>) => {
    seat.tell({ event: 'snapshot', desk })
    const callId = desk.shown
    if (!callId) return
    const lines = state.transcripts.get(callId) ?? []
    const had = seat.lines?.callId === callId ? seat.lines.lines : undefined
    const fresh = had && changedLines(had, lines)
    seat.lines = { callId, lines }
    if (!fresh) seat.tell({ event: 'lines', callId, extent: 'all', lines: [...lines] })
    else if (fresh.length > 0) seat.tell({ event: 'lines', callId, extent: 'changed', lines: [...fresh] })
  }
  /** What waits for the hub grows and shrinks without an event, and sound devices change. */
  const look = () => {
    if (seats.size > 0) {
      const { waiting, listening, heardFrom } = project()
      const waits = JSON.stringify([waiting, listening, heardFrom])
      if (waits !== waited) changed()
      waited = waits
    }
    cancelLook = clock.after(tuning.lookMs, look)
  }
  let cancelLook = clock.after(tuning.lookMs, look)
  void needs.history.names().then((names) => take({ event: 'remembered', names }))

  return {
    sees: take,
    hears: meter.add,
    fetched(recordingId, share) {
      for (const { tell: told } of seats) told({ event: 'fetched', url: soundUrl(recordingId), share })
    },
    connect(listener) {
      const seat: Seat = { tell: listener }
      const place = cards.newPlace()
      const handlers = createHandlers({
        ...needs,
        state: () => state,
        take,
        changed,
        keep: () => keeper.flush(state),
        show: place.show,
      })
      seats.add(seat)
      tell(seat, project())
      return {
        call: (asked) =>
          answerCall(handlers, asked, (name, error) =>
            log.error({ name, cause: causeOf(error) }, 'desk.failed'),
          ),
        close() {
          seats.delete(seat)
          place.leave()
        },
      }
    },
    async stop() {
      stopped = true
      cancelTell?.()
      cancelLook()
      meter.stop()
      await keeper.flush(state)
    },
  }
}
