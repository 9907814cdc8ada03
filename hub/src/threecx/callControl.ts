// Knows nothing of the call board: facts go to the listener that openThreecx gives.
import { nextDelayMs, type Clock, type Random } from '@3cx-ninja/protocol'
import type { Log } from '../observe/log.ts'
import { openEventSocket, type EventSocket } from './eventSocket.ts'
import { nextEndMs, stepPbxLegs, type PbxLegs, type PbxEvent } from './pbxLegs.ts'
import type { LegsFile } from './legsFile.ts'
import type { PbxAccess } from './pbxAccess.ts'
import type { PbxAccount } from './pbxAccount.ts'
import { createPbxConnection, type PbxConnection } from './pbxConnection.ts'
import { createFactQueue, type FactQueue, type PbxListener } from './factQueue.ts'
import { causeOf, isFinal, remedyOf, type PbxError } from './pbxError.ts'
import type { CallControlTuning } from './tuning.ts'

/**
 * How the hub is connected to its PBX. `opening`: a connection is tried. `open`: the first list arrived; left when the
 * socket closes or the lists fail. `waiting`: a pause after a failure; left when its time is over, or by `retryNow`.
 * `stopped`: the hub stops; never left.
 */
export type CallControlState =
  | { readonly at: 'opening'; readonly attempt: number }
  | { readonly at: 'open'; readonly sinceMs: number; readonly extensions: readonly string[] }
  | { readonly at: 'waiting'; readonly untilMs: number; readonly pbxError: PbxError }
  | { readonly at: 'stopped' }

/** The running client of one PBX's Call Control API, from the hub's start to its stop. */
export interface CallControl {
  /** Returns how the hub is connected to the PBX at this moment. */
  state(): CallControlState
  /** Returns how many legs are active now, and when the last fact came (wall clock). */
  figures(): { readonly legs: number; readonly lastFactMs: number | undefined }
  /** Ends a pause at once: a person has put right what was wrong. */
  retryNow(): void
  /** Ends the connection; resolves once every queued fact is delivered or refused. Safe twice. */
  stop(): Promise<void>
}

/** What the client works on: one account, its token, the receiver of facts and the file of legs. */
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

interface Client extends CallControlNeeds {
  readonly stopping: AbortController
  readonly factQueue: FactQueue
  state: CallControlState
  legs: PbxLegs
  lastFactMs: number | undefined
  cancelTick: () => void
  endPause: () => void
}

interface Opened {
  readonly socket: EventSocket
  readonly connection: PbxConnection
}

/**
 * Follows the calls of one PBX for as long as the hub runs: socket first, then the list of all calls, so that nothing is
 * lost between; the list again and again, for frames get lost. Returns at once; whatever fails is tried again.
 */
export function startCallControl(needs: CallControlNeeds): CallControl {
  const { log } = needs
  const client: Client = {
    ...needs,
    stopping: new AbortController(),
    factQueue: createFactQueue({
      listener: needs.listener,
      file: needs.file,
      onError: (event, error) => log.error({ error: String(error) }, event),
    }),
    state: { at: 'opening', attempt: 1 },
    legs: new Map(),
    lastFactMs: undefined,
    cancelTick: () => undefined,
    endPause: () => undefined,
  }
  const running = run(client)
  return {
    state: () => client.state,
    figures: () => ({
      legs: [...client.legs.values()].filter(({ parts }) => parts.size > 0).length,
      lastFactMs: client.lastFactMs,
    }),
    retryNow: () => client.endPause(),
    async stop() {
      client.stopping.abort()
      client.endPause()
      client.cancelTick()
      await running
      await client.factQueue.idle()
    },
  }
}

const isStopping = ({ stopping }: Client) => stopping.signal.aborted

/** Applies one event to the legs, queues the facts that follow from it, and sets the timer of the next leg that ends. */
function step(client: Client, event: PbxEvent): void {
  const { clock } = client
  const before = client.legs
  const { legs, facts } = stepPbxLegs(before, event, clock.nowMs())
  client.legs = legs
  if (facts.length > 0) client.lastFactMs = clock.nowMs()
  client.factQueue.facts(facts, before, legs)
  client.cancelTick()
  const dueMs = nextEndMs(legs)
  if (dueMs !== undefined && !isStopping(client))
    client.cancelTick = clock.after(Math.max(1, dueMs - clock.nowMs()), () => step(client, { kind: 'tick' }))
}

function onListed(
  client: Client,
  { isFirst, extensions }: { readonly isFirst: boolean; readonly extensions: readonly string[] },
): void {
  const { clock, factQueue, legs, log, state } = client
  client.state = { at: 'open', sinceMs: state.at === 'open' ? state.sinceMs : clock.nowMs(), extensions }
  factQueue.retry()
  if (!isFirst) return
  factQueue.link({ at: 'open', legs: [...legs.values()].map(({ leg }) => leg) })
  log.info({ extensions: extensions.length, legs: legs.size }, 'threecx.open')
}

/** Opens the socket with a token that is valid: one that was replaced meanwhile is renewed once. */
async function open(client: Client): Promise<PbxError | Opened> {
  const { access, account, clock, stopping, tuning } = client
  for (let attempt = 1; ; attempt++) {
    const token = await access.token()
    if (!token.ok) return token.pbxError
    const connection = createPbxConnection({
      access,
      clock,
      tuning,
      clientId: account.clientId,
      step: (event) => step(client, event),
      onListed: (listed) => onListed(client, listed),
    })
    const { onFrame } = connection
    const socket = await openEventSocket({ account, token: token.value, clock, tuning, onFrame })
    const close = () => socket.close()
    stopping.signal.addEventListener('abort', close, { once: true })
    void socket.ended.then(() => stopping.signal.removeEventListener('abort', close))
    if (isStopping(client)) close()
    if (await socket.opened) return { socket, connection }
    connection.stop()
    const { pbxError, status } = await socket.ended
    if (status === 401) access.tokenRefused(token.value)
    if (status !== 401 || attempt > 1 || isStopping(client)) return pbxError
  }
}

/** Runs one connection from its opening to its end; resolves with why it ended. */
async function connect(client: Client): Promise<PbxError> {
  const opened = await open(client)
  if ('code' in opened) return opened
  const { socket, connection } = opened
  const pbxError = await Promise.race([socket.ended.then((end) => end.pbxError), connection.run()])
  connection.stop()
  socket.close()
  return pbxError
}

/** Logs why the PBX is away; resolves after the pause. */
async function pause(client: Client, pbxError: PbxError, attempt: number, wasOpen: boolean): Promise<void> {
  const { clock, log, random, tuning } = client
  // A client that the PBX accepted a moment ago tries again soon, once: the PBX may be restarting.
  const isSlow = isFinal(pbxError) && !wasOpen
  const delayMs = nextDelayMs({ attempt, random }, isSlow ? tuning.refused : tuning.retry)
  const { code } = pbxError
  const fields = { code, cause: causeOf(pbxError), remedy: remedyOf(pbxError), attempt, delayMs }
  log[isFinal(pbxError) ? 'error' : 'warn'](fields, 'threecx.away')
  client.state = { at: 'waiting', untilMs: clock.nowMs() + delayMs, pbxError }
  await new Promise<void>((resolve) => {
    const cancel = clock.after(delayMs, resolve)
    client.endPause = () => {
      cancel()
      resolve()
    }
  })
}

async function run(client: Client): Promise<void> {
  const { access, clock, factQueue, file, log, tuning } = client
  client.legs = await file.read().catch((error: unknown) => {
    log.warn({ error: String(error) }, 'threecx.legs-unreadable')
    return new Map<never, never>()
  })
  factQueue.link({ at: 'away' })
  let attempt = 0
  while (!isStopping(client)) {
    attempt += 1
    client.state = { at: 'opening', attempt }
    const pbxError = access.explain(await connect(client))
    const last = client.state as CallControlState // onListed changes it, which the compiler does not follow
    const wasOpen = last.at === 'open'
    if (wasOpen) factQueue.link({ at: 'away' })
    if (wasOpen && clock.nowMs() - last.sinceMs >= tuning.stableMs) attempt = 1
    if (!isStopping(client)) await pause(client, pbxError, attempt, wasOpen)
  }
  client.state = { at: 'stopped' }
}
