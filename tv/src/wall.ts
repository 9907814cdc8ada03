import {
  hubToWall,
  openLink,
  type Clock,
  type CloseName,
  type HubToWall,
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
import { wallTuning } from './tuning.ts'
import { viewWall, type WallView } from './view/wallView.ts'

export interface WallNeeds {
  readonly clock: Clock
  readonly random: Random
  readonly texts: Texts
  readonly version: string
  readonly connect: (on: SocketHandlers) => LinkSocket
  /** Draws soon; called at most once per frame by whoever implements it. */
  readonly draw: (view: () => WallView) => void
  /** The hub speaks another version than this page: load the page that it serves now. */
  readonly reload: () => void
}

export interface Wall {
  stop(): void
}

/** Keeps the board up to date over a link that it opens again by itself, and has it drawn: at each message and each second. */
export function createWall(needs: WallNeeds): Wall {
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

  const view = (): WallView => {
    const monotonicMs = clock.monotonicMs()
    return viewWall(
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

  const onMessage = (message: HubToWall) => {
    if (message.kind === 'wall-snapshot') {
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
    refusedUntilMs = clock.monotonicMs() + wallTuning.refusedRetryMs
    cancelRetry = clock.after(wallTuning.refusedRetryMs, () => {
      refusedUntilMs = undefined
      if (reason === 'protocolTooOld') needs.reload()
      open()
    })
  }
  const open = () => {
    if (stopped) return
    link = openLink<HubToWall, never>({
      connect: (on) =>
        needs.connect({
          ...on,
          message(data) {
            heardMs = clock.monotonicMs()
            on.message(data)
          },
        }),
      hello: { role: 'wall', version: needs.version },
      incoming: hubToWall,
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
    cancelTick = clock.after(wallTuning.tickMs - (hubMs % wallTuning.tickMs), tick)
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
