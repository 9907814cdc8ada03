import { nextDelayMs, type Clock, type Random } from '@3cx-ninja/protocol'
import type { Log } from '../observe/log.ts'
import { openEventSocket, type EventSocket } from './eventSocket.ts'
import { nextEndMs, stepHeld, type Held, type PbxEvent } from './heldCalls.ts'
import type { LegsFile } from './legsFile.ts'
import type { PbxAccess } from './pbxAccess.ts'
import type { PbxAccount } from './pbxAccount.ts'
import { createPbxSession, type PbxSession } from './pbxSession.ts'
import { createTelling, type PbxListener } from './telling.ts'
import { causeOf, isFinal, remedyOf, type Trouble } from './trouble.ts'
import type { CallControlTuning } from './tuning.ts'

export type CallControlState =
  | { readonly at: 'opening'; readonly attempt: number }
  | { readonly at: 'open'; readonly sinceMs: number; readonly extensions: readonly string[] }
  | { readonly at: 'waiting'; readonly untilMs: number; readonly trouble: Trouble }
  | { readonly at: 'stopped' }

export interface CallControl {
  state(): CallControlState
  /** Calls that go on now, and when the last fact came (wall clock). */
  figures(): { readonly legs: number; readonly lastFactMs: number | undefined }
  /** Ends a pause: somebody has put right what was wrong. */
  again(): void
  /** Ends the connection and tells what is left to tell. Safe twice. */
  stop(): Promise<void>
}

export interface CallControlNeeds {
  readonly account: PbxAccount
  readonly access: PbxAccess
  readonly listener: PbxListener
  readonly file: LegsFile
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly tuning: CallControlTuning
}

/**
 * Hears the calls of one PBX, for as long as the hub runs: socket first, then the list of all calls, so that nothing is
 * lost between; the list again and again, for frames get lost. Returns at once; whatever fails is tried again.
 */
export function startCallControl(needs: CallControlNeeds): CallControl {
  const { account, access, clock, random, log, tuning } = needs
  const stopping = new AbortController()
  const telling = createTelling({
    listener: needs.listener,
    file: needs.file,
    onTrouble: (event, error) => log.error({ error: String(error) }, event),
  })
  let state: CallControlState = { at: 'opening', attempt: 1 }
  let held: Held = new Map()
  let lastFactMs: number | undefined
  let cancelTick: () => void = () => undefined
  let endPause: () => void = () => undefined
  const isStopping = () => stopping.signal.aborted

  const step = (event: PbxEvent) => {
    const before = held
    const { held: after, facts } = stepHeld(before, event, clock.nowMs())
    held = after
    if (facts.length > 0) lastFactMs = clock.nowMs()
    telling.facts(facts, before, after)
    cancelTick()
    const dueMs = nextEndMs(held)
    if (dueMs !== undefined && !isStopping())
      cancelTick = clock.after(Math.max(1, dueMs - clock.nowMs()), () => step({ is: 'tick' }))
  }
  const onListed = ({ isFirst, extensions }: { isFirst: boolean; extensions: readonly string[] }) => {
    const sinceMs = state.at === 'open' ? state.sinceMs : clock.nowMs()
    state = { at: 'open', sinceMs, extensions }
    telling.again()
    if (!isFirst) return
    telling.link({ at: 'open', legs: [...held.values()].map(({ leg }) => leg) })
    log.info({ extensions: extensions.length, legs: held.size }, 'threecx.open')
  }
  /** The socket, with a token that counts: one that was replaced meanwhile is renewed once. */
  const open = async (): Promise<Trouble | { socket: EventSocket; session: PbxSession }> => {
    for (let attempt = 1; ; attempt++) {
      const given = await access.token()
      if (!given.ok) return given.trouble
      const session = createPbxSession({
        access,
        clock,
        tuning,
        clientId: account.clientId,
        step,
        onListed,
      })
      const { onFrame } = session
      const socket = await openEventSocket({ account, token: given.value, clock, tuning, onFrame })
      const close = () => socket.close()
      stopping.signal.addEventListener('abort', close, { once: true })
      void socket.ended.then(() => stopping.signal.removeEventListener('abort', close))
      if (isStopping()) close()
      if (await socket.opened) return { socket, session }
      session.stop()
      const { trouble, status } = await socket.ended
      if (status === 401) access.refused(given.value)
      if (status !== 401 || attempt > 1 || isStopping()) return trouble
    }
  }
  /** One connection from its opening to its end, and why it ended. */
  const connect = async (): Promise<Trouble> => {
    const opened = await open()
    if ('code' in opened) return opened
    const { socket, session } = opened
    const trouble = await Promise.race([socket.ended.then((end) => end.trouble), session.run()])
    session.stop()
    socket.close()
    return trouble
  }
  /** Tells why it is not heard; resolves after the pause. */
  const pause = async (trouble: Trouble, attempt: number, wasOpen: boolean) => {
    // Who was taken a moment ago asks again soon, once: it may have been a PBX that restarts.
    const isSlow = isFinal(trouble) && !wasOpen
    const delayMs = nextDelayMs({ attempt, random }, isSlow ? tuning.refused : tuning.retry)
    const { code } = trouble
    const fields = { code, cause: causeOf(trouble), remedy: remedyOf(trouble), attempt, delayMs }
    log[isFinal(trouble) ? 'error' : 'warn'](fields, 'threecx.away')
    state = { at: 'waiting', untilMs: clock.nowMs() + delayMs, trouble }
    await new Promise<void>((resolve) => {
      const cancel = clock.after(delayMs, resolve)
      endPause = () => {
        cancel()
        resolve()
      }
    })
  }
  const run = async () => {
    held = await needs.file.read().catch((error: unknown) => {
      log.warn({ error: String(error) }, 'threecx.legs-unreadable')
      return new Map<never, never>()
    })
    telling.link({ at: 'away' })
    let attempt = 0
    while (!isStopping()) {
      attempt += 1
      state = { at: 'opening', attempt }
      const trouble = access.explain(await connect())
      const last = state as CallControlState // onListed changes it, which the compiler does not follow
      const wasOpen = last.at === 'open'
      if (wasOpen) telling.link({ at: 'away' })
      if (wasOpen && clock.nowMs() - last.sinceMs >= tuning.stableMs) attempt = 1
      if (!isStopping()) await pause(trouble, attempt, wasOpen)
    }
    state = { at: 'stopped' }
  }
  const running = run()

  return {
    state: () => state,
    figures: () => ({ legs: [...held.values()].filter(({ parts }) => parts.size > 0).length, lastFactMs }),
    again: () => endPause(),
    async stop() {
      stopping.abort()
      endPause()
      cancelTick()
      await running
      await telling.idle()
    },
  }
}
