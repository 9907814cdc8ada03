import type { CallId, Clock, RecordingId } from '@3cx-ninja/protocol'
import { answerCall } from '../../ipc/answerCall.ts'
import type { Answer, DeskEvent } from '../../ipc/channels.ts'
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

/** One page that looks at the desk. */
export interface DeskClient {
  /** Answers every call, whatever it says. */
  call(call: { readonly name: unknown; readonly input: unknown }): Promise<Answer<FunctionName>>
  /** The page is gone: its cards are not on any screen. Safe twice. */
  close(): void
}

export interface Desk {
  /** Every event of the agent, in order. */
  onEvent(event: AgentEvent): void
  onLevels(levels: Levels): void
  /** So much of a sound that only the hub has came here by now; 0 to 1. */
  fetched(recordingId: RecordingId, share: number): void
  connect(listener: (event: DeskEvent) => void): DeskClient
  /** Writes what is left to the history. */
  stop(): Promise<void>
}

interface Page {
  readonly publish: (event: DeskEvent) => void
  lines?: { readonly callId: CallId; readonly lines: Transcript }
}

/** The technician's desk: what the agent does, as snapshots for any number of pages, and the pages' wishes to the agent. */
export function createDesk(needs: DeskNeeds): Desk {
  const { clock, agent, settings, platform: around, log, tuning = deskTuning } = needs
  let state: DeskState = emptyDesk
  const pages = new Set<Page>()
  let cancelPublish: (() => void) | undefined
  let publishedMs = -tuning.snapshotMs
  let lastWaiting = ''
  let stopped = false

  // As the calls are stamped: a clock set in mid-call does not change for how long it is shown to last.
  const steadyWallClockMs = createSteadyWallClock(clock, () =>
    [...state.calls.values()].some(({ call }) => call.endedAtMs === undefined),
  )
  const now = () => ({ wallClockMs: clock.nowMs(), monotonicMs: clock.monotonicMs() })
  const apply = (input: DeskInput) => {
    steadyWallClockMs() // by the clock as it is before this call begins, if one does
    const previous = state
    state = stepDesk(state, input, now())
    keeper.changed(input, previous, state)
    changed()
  }
  const meter = createLevelMeter({
    clock,
    everyMs: tuning.levelsMs,
    onLevels: (levels) => {
      for (const { publish: tell } of pages) tell({ kind: 'levels', ...levels })
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
        soundOrigins: around.soundOrigins(),
        app: around.app,
      },
      { ...now(), wallClockMs: steadyWallClockMs() },
    )
  }

  const changed = () => {
    if (stopped || pages.size === 0) return
    cancelPublish ??= clock.after(Math.max(0, publishedMs + tuning.snapshotMs - clock.monotonicMs()), () => {
      cancelPublish = undefined
      publishedMs = clock.monotonicMs()
      const desk = project()
      for (const page of pages) publish(page, desk)
    })
  }
  const publish = (page: Page, desk: ReturnType<typeof project>) => {
    page.publish({ kind: 'snapshot', desk })
    const callId = desk.shown
    if (!callId) return
    const lines = state.transcripts.get(callId) ?? []
    const had = page.lines?.callId === callId ? page.lines.lines : undefined
    const fresh = had && changedLines(had, lines)
    page.lines = { callId, lines }
    if (!fresh) page.publish({ kind: 'lines', callId, extent: 'all', lines: [...lines] })
    else if (fresh.length > 0) page.publish({ kind: 'lines', callId, extent: 'changed', lines: [...fresh] })
  }
  /** What waits for the hub grows and shrinks without an event, and sound devices change. */
  const poll = () => {
    if (pages.size > 0) {
      const { waiting, listening, soundOrigins: heardFrom } = project()
      const waits = JSON.stringify([waiting, listening, heardFrom])
      if (waits !== lastWaiting) changed()
      lastWaiting = waits
    }
    cancelPoll = clock.after(tuning.pollMs, poll)
  }
  let cancelPoll = clock.after(tuning.pollMs, poll)
  void needs.history.localIds().then((names) => apply({ kind: 'remembered', names }))

  return {
    onEvent: apply,
    onLevels: meter.add,
    fetched(recordingId, share) {
      for (const { publish: listener } of pages)
        listener({ kind: 'fetched', url: soundUrl(recordingId), share })
    },
    connect(listener) {
      const page: Page = { publish: listener }
      const screen = cards.openScreen()
      const handlers = createHandlers({
        ...needs,
        state: () => state,
        apply,
        changed,
        keep: () => keeper.flush(state),
        show: screen.show,
      })
      pages.add(page)
      publish(page, project())
      return {
        call: (call) =>
          answerCall(handlers, call, (name, error) =>
            log.error({ name, cause: causeOf(error) }, 'desk.failed'),
          ),
        close() {
          pages.delete(page)
          screen.leave()
        },
      }
    },
    async stop() {
      stopped = true
      cancelPublish?.()
      cancelPoll()
      meter.stop()
      await keeper.flush(state)
    },
  }
}
