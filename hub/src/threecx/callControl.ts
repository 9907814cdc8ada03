import { nextDelayMs, type Clock, type Random } from '@3cx-ninja/protocol'
import type { Log } from '../observe/log.ts'
import { openEventSocket, type EventSocket } from './eventSocket.ts'
import { nextEndMs, stepPbxLegs, type PbxLegs, type PbxEvent } from './pbxLegs.ts'
import type { LegsFile } from './legsFile.ts'
import type { PbxAccess } from './pbxAccess.ts'
import type { PbxAccount } from './pbxAccount.ts'
import { createPbxConnection, type PbxConnection } from './pbxConnection.ts'
import { createFactQueue, type PbxListener } from './factQueue.ts'
import { causeOf, isFinal, remedyOf, type PbxError } from './pbxError.ts'
import type { CallControlTuning } from './tuning.ts'

export type CallControlState =
  | { readonly at: 'opening'; readonly attempt: number }
  | { readonly at: 'open'; readonly sinceMs: number; readonly extensions: readonly string[] }
  | { readonly at: 'waiting'; readonly untilMs: number; readonly pbxError: PbxError }
  | { readonly at: 'stopped' }

export interface CallControl {
  state(): CallControlState
  /** Calls that go on now, and when the last fact came (wall clock). */
  figures(): { readonly legs: number; readonly lastFactMs: number | undefined }
  /** Ends a pause: somebody has put right what was wrong. */
  retryNow(): void
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
  const factQueue = createFactQueue({
    listener: needs.listener,
    file: needs.file,
    onError: (event, error) => log.error({ error: String(error) }, event),
  })
  let state: CallControlState = { at: 'opening', attempt: 1 }
  let legs: PbxLegs = new Map()
  let lastFactMs: number | undefined
  let cancelTick: () => void = () => undefined
  let endPause: () => void = () => undefined
  const isStopping = () => stopping.signal.aborted

  const step = (event: PbxEvent) => {
    const before = legs
    const { legs: after, facts } = stepPbxLegs(before, event, clock.nowMs())
    legs = after
    if (facts.length > 0) lastFactMs = clock.nowMs()
    factQueue.facts(facts, before, after)
    cancelTick()
    const dueMs = nextEndMs(legs)
    if (dueMs !== undefined && !isStopping())
      cancelTick = clock.after(Math.max(1, dueMs - clock.nowMs()), () => step({ kind: 'tick' }))
  }
  const onListed = ({ isFirst, extensions }: { isFirst: boolean; extensions: readonly string[] }) => {
    const sinceMs = state.at === 'open' ? state.sinceMs : clock.nowMs()
    state = { at: 'open', sinceMs, extensions }
    factQueue.retry()
    if (!isFirst) return
    factQueue.link({ at: 'open', legs: [...legs.values()].map(({ leg }) => leg) })
    log.info({ extensions: extensions.length, legs: legs.size }, 'threecx.open')
  }
  /** The socket, with a token that counts: one that was replaced meanwhile is renewed once. */
  const open = async (): Promise<PbxError | { socket: EventSocket; connection: PbxConnection }> => {
    for (let attempt = 1; ; attempt++) {
      const token = await access.token()
      if (!token.ok) return token.pbxError
      const connection = createPbxConnection({
        access,
        clock,
        tuning,
        clientId: account.clientId,
        step,
        onListed,
      })
      const { onFrame } = connection
      const socket = await openEventSocket({ account, token: token.value, clock, tuning, onFrame })
      const close = () => socket.close()
      stopping.signal.addEventListener('abort', close, { once: true })
      void socket.ended.then(() => stopping.signal.removeEventListener('abort', close))
      if (isStopping()) close()
      if (await socket.opened) return { socket, connection }
      connection.stop()
      const { pbxError, status } = await socket.ended
      if (status === 401) access.tokenRefused(token.value)
      if (status !== 401 || attempt > 1 || isStopping()) return pbxError
    }
  }
  /** One connection from its opening to its end, and why it ended. */
  const connect = async (): Promise<PbxError> => {
    const opened = await open()
    if ('code' in opened) return opened
    const { socket, connection } = opened
    const pbxError = await Promise.race([socket.ended.then((end) => end.pbxError), connection.run()])
    connection.stop()
    socket.close()
    return pbxError
  }
  /** Tells why it is not heard; resolves after the pause. */
  const pause = async (pbxError: PbxError, attempt: number, wasOpen: boolean) => {
    // Who was taken a moment ago asks again soon, once: it may have been a PBX that restarts.
    const isSlow = isFinal(pbxError) && !wasOpen
    const delayMs = nextDelayMs({ attempt, random }, isSlow ? tuning.refused : tuning.retry)
    const { code } = pbxError
    const fields = { code, cause: causeOf(pbxError), remedy: remedyOf(pbxError), attempt, delayMs }
    log[isFinal(pbxError) ? 'error' : 'warn'](fields, 'threecx.away')
    state = { at: 'waiting', untilMs: clock.nowMs() + delayMs, pbxError }
    await new Promise<void>((resolve) => {
      const cancel = clock.after(delayMs, resolve)
      endPause = () => {
        cancel()
        resolve()
      }
    })
  }
  const run = async () => {
    legs = await needs.file.read().catch((error: unknown) => {
      log.warn({ error: String(error) }, 'threecx.legs-unreadable')
      return new Map<never, never>()
    })
    factQueue.link({ at: 'away' })
    let attempt = 0
    while (!isStopping()) {
      attempt += 1
      state = { at: 'opening', attempt }
      const pbxError = access.explain(await connect())
      const last = state as CallControlState // onListed changes it, which the compiler does not follow
      const wasOpen = last.at === 'open'
      if (wasOpen) factQueue.link({ at: 'away' })
      if (wasOpen && clock.nowMs() - last.sinceMs >= tuning.stableMs) attempt = 1
      if (!isStopping()) await pause(pbxError, attempt, wasOpen)
    }
    state = { at: 'stopped' }
  }
  const running = run()

  return {
    state: () => state,
    figures: () => ({ legs: [...legs.values()].filter(({ parts }) => parts.size > 0).length, lastFactMs }),
    retryNow: () => endPause(),
    async stop() {
      stopping.abort()
      endPause()
      cancelTick()
      await running
      await factQueue.idle()
    },
  }
}
