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

export interface WallboardNeeds {
  readonly clock: Clock
  readonly random: Random
  readonly texts: Texts
  readonly version: string
  readonly connect: (on: SocketHandlers) => LinkSocket
  /** Draws soon; called at most once per frame by whoever implements it. */
  readonly draw: (view: () => WallboardView) => void
  /** The hub speaks another version than this page: load the page that it serves now. */
  readonly reload: () => void
}

export interface Wallboard {
  stop(): void
}

/** Keeps the board up to date over a link that it opens again by itself, and has it drawn: at each message and each second. */
export function createWallboard(needs: WallboardNeeds): Wallboard {
  const { clock, texts } = needs
  const startedMs = clock.monotonicMs()
  let board: Board = emptyBoard
  let hubTime: HubTime | null = null
  let linkState: LinkState = firstLinkState
  let fresh = false
  let heardMs: number | null = null
  let refusedFor: CloseName | null = null
  let refusedUntilMs: number | undefined
  let hubVersion: string | undefined
  let cancelRetry: () => void = () => undefined
  let link: Link<never> | undefined
  let stopped = false

  const view = (): WallboardView => {
    const monotonicMs = clock.monotonicMs()
    return viewWallboard(
      {
        board,
        monotonicMs,
        hubMs: hubNowMs(hubTime, { monotonicMs, nowMs: clock.nowMs() }),
        standing: standingOf(
          { link: linkState, fresh, startedMs, heardMs, refusedUntilMs, refusedFor },
          monotonicMs,
        ),
      },
      texts,
    )
  }
  const draw = () => {
    if (!stopped) needs.draw(view)
  }

  const onMessage = (message: HubToWallboard) => {
    if (message.kind === 'wallboard-snapshot') {
      fresh = true
      hubTime = { hubMs: message.hubTimeMs, atMs: clock.monotonicMs() }
    }
    board = applyMessage(board, message)
    draw()
  }
  const onState = (state: LinkState) => {
    linkState = state
    if (state.at !== 'open') fresh = false
    if (state.at === 'open') {
      refusedFor = null
      refusedUntilMs = undefined
      const changed = hubVersion !== undefined && hubVersion !== state.welcome.hubVersion
      hubVersion = state.welcome.hubVersion
      if (changed) needs.reload()
    }
    if (state.at === 'refused') onRefused(state.reason)
    draw()
  }
  const onRefused = (reason: CloseName) => {
    refusedFor = reason
    refusedUntilMs = clock.monotonicMs() + wallboardTuning.refusedRetryMs
    cancelRetry = clock.after(wallboardTuning.refusedRetryMs, () => {
      refusedUntilMs = undefined
      if (reason === 'protocolTooOld') needs.reload()
      open()
    })
  }
  const open = () => {
    if (stopped) return
    link = openLink<HubToWallboard, never>({
      connect: (on) =>
        needs.connect({
          ...on,
          message(data) {
            heardMs = clock.monotonicMs()
            on.message(data)
          },
        }),
      hello: { role: 'wallboard', version: needs.version },
      incoming: hubToWallboard,
      clock,
      random: needs.random,
      onMessage,
      onState,
    })
  }

  let cancelTick: () => void
  const tick = () => {
    draw()
    // At the turn of the hub's second, so that all running times change at once.
    const monotonicMs = clock.monotonicMs()
    const hubMs = hubNowMs(hubTime, { monotonicMs, nowMs: clock.nowMs() })
    cancelTick = clock.after(wallboardTuning.tickMs - (hubMs % wallboardTuning.tickMs), tick)
  }
  open()
  tick()

  return {
    stop() {
      stopped = true
      cancelTick()
      cancelRetry()
      link?.stop()
    },
  }
}
