import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { MINUTE_MS, type BoardCall, type Clock, type Draft, type Utterance } from '@3cx-ninja/protocol'
import { createFakeClock, type FakeClock } from '../../protocol/testing/fakeClock.ts'
import { openDatabase, type Database } from '../src/database/openDatabase.ts'
import { createDraftStore, createHelpdeskStore, createOutboxStore } from '../src/database/stores.ts'
import { createClient, type Client } from '../src/ninjaone/client.ts'
import { openContactDirectory } from '../src/ninjaone/contactDirectory.ts'
import { ninjaOneOf, tokenStoreOf } from '../src/ninjaone/ninjaone.ts'
import { ninjaoneSettings, type NinjaOneSettings } from '../src/ninjaone/settings.ts'
import { createRulesAnalyse } from '../src/tickets/analysis/rules.ts'
import { fr } from '../src/tickets/texts/fr.ts'
import type { TicketTexts } from '../src/tickets/texts/ticketTexts.ts'
import type { DraftRules } from '../src/tickets/draftMachine.ts'
import { openDrafts, type Drafts } from '../src/tickets/drafts.ts'
import { openOutbox } from '../src/tickets/outbox/outbox.ts'
import type { Outbox } from '../src/tickets/outbox/ports.ts'
import { aCall, AGENT, someLines } from './ticketBuilders.ts'
import { SANDBOX_CLIENT, startSandbox, type Sandbox } from './sandboxNinjaOne.ts'

export interface LoggedEvent {
  readonly level: string
  readonly event: string
  readonly fields: Record<string, unknown>
}

/** One run of the hub's filing part, until it is stopped, or killed at a chosen step. */
export interface Life {
  readonly drafts: Drafts
  readonly outbox: Outbox
  readonly client: Client
  /** Loads contacts and organizations from the sandbox. */
  refreshContacts(): Promise<void>
  /** All reported drafts, in order. */
  readonly reported: readonly Draft[]
  /** Returns the number of steps so far: each begin and each end of a write to disk or of a request. */
  steps(): number
  readonly isDead: () => boolean
  kill(): void
  stop(): Promise<void>
}

export interface FilingWorld extends AsyncDisposable {
  readonly clock: FakeClock
  readonly sandbox: Sandbox
  readonly database: Database
  readonly events: LoggedEvent[]
  lines: readonly (Utterance & { atMs: number })[]
  /** What was said in single calls, by their ids; `lines` of every other call. */
  readonly linesOf: Map<string, readonly (Utterance & { atMs: number })[]>
  /** Starts the filing part on the same database. `dieAt`: the step at which it is killed. Rejects with `KILLED_AT_START` when that step comes before the start is complete. */
  live(how?: { dieAt?: number }): Promise<Life>
  /** Makes the next so many writes to the database fail, as on a full disk. */
  failStores(count: number): void
  /** Advances the clock until `holds`, letting sockets and the database answer before each step. Rejects after `limitMs`. */
  until(what: string, holds: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>
  pass(ms: number, stepMs?: number): Promise<void>
  draftOf(callId: string): Promise<Draft | undefined>
}

export interface WorldSetup {
  readonly rules?: Partial<DraftRules>
  readonly ninjaone?: Partial<NinjaOneSettings>
  readonly texts?: TicketTexts
  readonly signedIn?: boolean
}

const RULES: DraftRules = {
  countdownMs: 15_000,
  undoMs: 5_000,
  parkAfterMs: 5 * MINUTE_MS,
  onCountdownEnd: 'file',
  fileUnattended: false,
}
/** Rejects the start of a hub that is killed while it starts: the test would wait forever otherwise. */
export const KILLED_AT_START = new Error('the hub was killed while it started')
const never = new Promise<never>(() => undefined)

/** Starts drafts, outbox and NinjaOne client on a real database, against the sandbox on a real socket, with a fake clock. */
export async function aFilingWorld(setup: WorldSetup = {}): Promise<FilingWorld> {
  const clock = createFakeClock()
  const sandbox = await startSandbox(clock)
  const folder = await mkdtemp(path.join(tmpdir(), 'filing-'))
  const database = await openDatabase({ file: path.join(folder, 'hub.sqlite') })
  const nowMs = () => clock.nowMs()
  if (setup.signedIn !== false)
    await tokenStoreOf(createHelpdeskStore(database, 'ninjaone', nowMs)).save(sandbox.signIn())
  const events: LoggedEvent[] = []
  const pending = new Set<Promise<unknown>>()
  const lives: Life[] = []
  const texts = () => setup.texts ?? fr
  let failing = 0
  let ids = 0

  const live: FilingWorld['live'] = async ({ dieAt } = {}) => {
    let steps = 0
    let dead = false
    const isDead = () => dead
    const mine = new Set<Promise<unknown>>()
    let reportDeath: () => void = () => undefined
    const death = new Promise<void>((resolve) => (reportDeath = resolve))
    const kill = () => {
      dead = true
      for (const one of mine) pending.delete(one) // no test waits for a killed hub
      reportDeath()
    }
    const step = async () => {
      steps += 1
      if (steps === dieAt) kill()
      if (isDead()) await never
    }
    const guarded =
      <Args extends unknown[], Result>(
        act: (...args: Args) => Promise<Result>,
        writes = true,
      ): ((...args: Args) => Promise<Result>) =>
      async (...args) => {
        if (isDead()) return never
        if (writes) await step()
        if (writes && failing > 0) {
          failing -= 1
          throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
        }
        const under = act(...args)
        const owed = Promise.race([death, under.catch(() => undefined)])
        mine.add(owed)
        pending.add(owed)
        void owed.then(() => pending.delete(owed) && mine.delete(owed))
        const result = await under
        if (writes) await step()
        return isDead() ? never : result
      }
    const ownClock: Clock = {
      ...clock,
      after: (delayMs, act) => clock.after(delayMs, () => void (isDead() || act())),
    }
    const onEvent = (level: string) => (event: string, fields: object) => {
      if (!isDead()) events.push({ level, event, fields: fields as Record<string, unknown> })
    }
    const tokens = tokenStoreOf(createHelpdeskStore(database, 'ninjaone', nowMs))
    const client = createClient({
      account: { host: sandbox.url, ...SANDBOX_CLIENT, requestsPerSecond: 50 },
      tokens: { read: guarded(tokens.read, false), save: guarded(tokens.save) },
      clock: ownClock,
      onEvent: onEvent('warn'),
    })
    const guardedClient: Client = {
      ...client,
      request: async (config) => {
        const writes = config.method === 'POST' && !String(config.url).includes('/trigger/')
        const failed = failing
        failing = 0 // only the disk is full
        try {
          return await guarded(client.request, writes)(config)
        } finally {
          failing += failed
        }
      },
    }
    const directory = await openContactDirectory({
      client,
      store: { read: () => Promise.resolve(undefined), save: () => Promise.resolve() },
      clock: ownClock,
      country: 'FR',
      onEvent: onEvent('info'),
    })
    directory.stop() // loaded by refreshContacts alone: a request every five minutes would mix with the faults
    const settings = ninjaoneSettings.parse({ organizationId: 1, ...setup.ninjaone })
    const helpdesk = ninjaOneOf({
      settings: { ...settings, host: sandbox.url },
      client: guardedClient,
      directory,
    })
    const outboxStore = createOutboxStore(database)
    const up = <Part>(opening: Promise<Part>): Promise<Part> =>
      Promise.race([opening, death.then(() => Promise.reject(KILLED_AT_START))])
    const outboxOpening = openOutbox({
      store: {
        open: guarded(outboxStore.open, false),
        save: guarded(outboxStore.save),
        ticketOf: guarded(outboxStore.ticketOf, false),
      },
      tickets: helpdesk.tickets,
      clock: ownClock,
      random: () => 0.5,
      rules: { settleMs: MINUTE_MS, retry: { firstMs: 2_000, maxMs: 300_000, factor: 2 } },
      onEvent: (level, event, fields) => onEvent(level)(event, fields),
    })
    const outbox = await up(outboxOpening)
    const draftStore = createDraftStore(database, nowMs)
    const draftsOpening = openDrafts({
      store: {
        open: guarded(draftStore.open, false),
        ofCall: guarded(draftStore.ofCall, false),
        save: guarded(draftStore.save),
      },
      outbox,
      helpdesk,
      clock: ownClock,
      newId: () => `draft-${String((ids += 1)).padStart(6, '0')}`,
      rules: { ...RULES, ...setup.rules },
      maxWaitMs: MINUTE_MS,
      analyse: createRulesAnalyse(texts),
      texts,
      utterancesOf: async (callId) => world.linesOf.get(callId) ?? world.lines,
      onFailure: (event, error) => onEvent('error')(event, { error: String(error) }),
    })
    const drafts = await up(draftsOpening)
    const reported: Draft[] = []
    drafts.onChange((draft) => void reported.push(draft))
    const life: Life = {
      drafts, outbox, client, refreshContacts: () => directory.refresh(), reported,
      steps: () => steps,
      isDead,
      kill,
      async stop() {
        if (isDead()) return
        await drafts.stop()
        await outbox.stop()
        kill()
      },
    } // prettier-ignore
    lives.push(life)
    return life
  }

  /** Resolves once sockets and database have answered everything that does not wait for the clock. */
  const quiet = async () => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(setImmediate)
      while (pending.size > 0 && sandbox.waiting() === 0) {
        await Promise.race([sandbox.nextWait(), ...pending])
        await new Promise(setImmediate)
      }
    }
    // A fault holds a request back: the other requests get a moment on the wire before time goes on.
    if (pending.size > 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const world: FilingWorld = {
    clock,
    sandbox,
    database,
    events,
    lines: someLines(),
    linesOf: new Map(),
    live,
    failStores: (count) => void (failing = count),
    async until(what, holds, limitMs = 60 * MINUTE_MS) {
      const endMs = clock.monotonicMs() + limitMs
      for (;;) {
        await quiet()
        if (await holds()) return
        if (clock.monotonicMs() > endMs) throw new Error(`never: ${what}`)
        await clock.advance(1_000)
      }
    },
    async pass(ms, stepMs = 5_000) {
      for (const endMs = clock.monotonicMs() + ms; clock.monotonicMs() < endMs;) {
        await quiet()
        await clock.advance(Math.min(stepMs, endMs - clock.monotonicMs()))
      }
      await quiet()
    },
    async draftOf(callId) {
      const row = (await database.run('tickets.openDrafts', { sinceMs: 0 })).find(
        (one) => one.callId === callId,
      )
      return row ? (JSON.parse(row.draftJson) as { draft: Draft }).draft : undefined
    },
    async [Symbol.asyncDispose]() {
      for (const life of lives) await life.stop()
      await sandbox[Symbol.asyncDispose]()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}

/** Plays the call of these tests from ringing to the visible draft. Every report may be repeated after a kill. */
export async function playCall(life: Life, call: Partial<BoardCall> = {}): Promise<void> {
  const one = aCall(call)
  const talking: BoardCall = { ...one, revision: 2, phase: 'talking', talkingSinceMs: one.startedAtMs + 4_000, recording: 'recording' } // prettier-ignore
  const endedAtMs = one.startedAtMs + 94_000
  await life.drafts.onCall(one)
  await life.drafts.onCall(talking)
  await life.drafts.onCall({ ...talking, revision: 3, phase: 'done', recording: 'complete', endedAtMs })
  await life.drafts.onTranscribed(one.callId)
  for (const draft of life.drafts.forAgent(AGENT))
    if (draft.callId === one.callId) await life.drafts.visible(AGENT, draft.draftId)
}
