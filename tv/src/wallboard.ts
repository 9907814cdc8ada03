import {
  hubToWallboard,
  openLink,
  type Clock,
  type CloseName,
  type HubToWallboard,
  type Link,
  type LinkSocket,
  type LinkState,
  type Random,
  type SocketHandlers,
  firstLinkState,
} from '@3cx-ninja/protocol'
import { applyMessage, emptyBoard, type Board } from './board/board.ts'
import { hubNowMs, type HubTime } from './board/hubTime.ts'
import { standingOf } from './link/standing.ts'
import type { Texts } from './texts/texts.ts'
import { wallboardTuning } from './tuning.ts'
import { viewWallboard, type WallboardView } from './view/wallboardView.ts'

/** The clock, the socket and the callbacks from which the page builds its wallboard. */
export interface WallboardNeeds {
  readonly clock: Clock
  readonly random: Random
  readonly texts: Texts
  readonly version: string
  readonly connect: (on: SocketHandlers) => LinkSocket
  /** Draws the view soon, at most once per frame; `view` is called at that moment. */
  readonly draw: (view: () => WallboardView) => void
  /** Loads the page that the hub serves now: called when the hub has another version than this page. */
  readonly reload: () => void
}

/** A running wallboard, from its creation until `stop`. */
export interface Wallboard {
  /** Closes the link and stops drawing; safe to call twice. */
  stop(): void
}

interface State {
  readonly needs: WallboardNeeds
  readonly startedMs: number
  board: Board
  hubTime: HubTime | null
  linkState: LinkState
  /** A snapshot arrived over the link that is open now. */
  fresh: boolean
  receivedMs: number | null
  refusedFor: CloseName | null
  refusedUntilMs: number | undefined
  hubVersion: string | undefined
  link: Link<never> | undefined
  cancelRetry: () => void
  cancelTick: () => void
  stopped: boolean
}

/**
 * Keeps the board up to date over a link that reconnects automatically, and calls `draw` at each message and each second. The
 * wallboard runs until `stop`; after a refusal it opens a new link each `refusedRetryMs`. It knows nothing of the DOM: that
 * lives in `draw/`.
 */
export function createWallboard(needs: WallboardNeeds): Wallboard {
  const state: State = {
    needs,
    startedMs: needs.clock.monotonicMs(),
    board: emptyBoard,
    hubTime: null,
    linkState: firstLinkState,
    fresh: false,
    receivedMs: null,
    refusedFor: null,
    refusedUntilMs: undefined,
    hubVersion: undefined,
    link: undefined,
    cancelRetry: () => undefined,
    cancelTick: () => undefined,
    stopped: false,
  }
  open(state)
  tick(state)
  return {
    stop() {
      state.stopped = true
      state.cancelTick()
      state.cancelRetry()
      state.link?.stop()
    },
  }
}

const hubMsOf = ({ needs: { clock }, hubTime }: State): number =>
  hubNowMs(hubTime, { monotonicMs: clock.monotonicMs(), nowMs: clock.nowMs() })

function viewOf(state: State): WallboardView {
  const { needs, board, linkState, fresh, startedMs, receivedMs, refusedUntilMs, refusedFor } = state
  const monotonicMs = needs.clock.monotonicMs()
  const facts = { link: linkState, fresh, startedMs, receivedMs, refusedUntilMs, refusedFor }
  const standing = standingOf(facts, monotonicMs)
  return viewWallboard({ board, monotonicMs, hubMs: hubMsOf(state), standing }, needs.texts)
}

function draw(state: State): void {
  if (!state.stopped) state.needs.draw(() => viewOf(state))
}

function open(state: State): void {
  if (state.stopped) return
  const { needs } = state
  state.link = openLink<HubToWallboard, never>({
    connect: (on) =>
      needs.connect({
        ...on,
        message(data) {
          state.receivedMs = needs.clock.monotonicMs()
          on.message(data)
        },
      }),
    hello: { role: 'wallboard', version: needs.version },
    incoming: hubToWallboard,
    clock: needs.clock,
    random: needs.random,
    onMessage: (message) => onMessage(state, message),
    onState: (linkState) => onState(state, linkState),
  })
}

function onMessage(state: State, message: HubToWallboard): void {
  if (message.kind === 'wallboard-snapshot') {
    state.fresh = true
    state.hubTime = { hubMs: message.hubTimeMs, atMs: state.needs.clock.monotonicMs() }
  }
  state.board = applyMessage(state.board, message)
  draw(state)
}

function onState(state: State, linkState: LinkState): void {
  state.linkState = linkState
  if (linkState.at !== 'open') state.fresh = false
  if (linkState.at === 'open') {
    state.refusedFor = null
    state.refusedUntilMs = undefined
    const { hubVersion } = linkState.welcome
    const changed = state.hubVersion !== undefined && state.hubVersion !== hubVersion
    state.hubVersion = hubVersion
    if (changed) state.needs.reload()
  }
  if (linkState.at === 'refused') onRefused(state, linkState.reason)
  draw(state)
}

/** Schedules a new link after a refusal, which may end without this page: a key was issued, or the hub was updated. */
function onRefused(state: State, reason: CloseName): void {
  const { clock, reload } = state.needs
  state.refusedFor = reason
  state.refusedUntilMs = clock.monotonicMs() + wallboardTuning.refusedRetryMs
  state.cancelRetry = clock.after(wallboardTuning.refusedRetryMs, () => {
    state.refusedUntilMs = undefined
    if (reason === 'protocolTooOld') reload()
    open(state)
  })
}

/** Draws when the hub's second changes, so that all running times change at once. */
function tick(state: State): void {
  draw(state)
  const { tickMs } = wallboardTuning
  state.cancelTick = state.needs.clock.after(tickMs - (hubMsOf(state) % tickMs), () => tick(state))
}
