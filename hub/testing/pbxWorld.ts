import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { createFakeClock, type FakeClock } from '../../protocol/testing/fakeClock.ts'
import { startSandboxPbx, type PbxSetup, type SandboxPbx } from '../../test/sandbox/pbx/callControl.ts'
import type { LiveFact, PbxLink } from '../src/calls/liveFact.ts'
import type { PbxAccount } from '../src/threecx/pbxAccount.ts'
import { openPbx, type Pbx } from '../src/threecx/pbx.ts'
import { EVENT_LIMIT_MS } from '../../protocol/testing/eventLimit.ts'

export interface PbxWorld extends AsyncDisposable {
  readonly pbx: SandboxPbx
  readonly clock: FakeClock
  readonly facts: LiveFact[]
  readonly links: PbxLink[]
  readonly log: { readonly level: string; readonly event: string; readonly fields: Record<string, unknown> }[]
  readonly client: Pbx
  readonly folder: string
  /** While true, the call board refuses facts. */
  refuses: boolean
  /** Returns 'ringing 201 inbound +41…' for each fact, in order. */
  delivered(): readonly string[]
  /** Returns the ongoing legs, as a listener of the facts knows them. */
  believed(): ReadonlyMap<string, LiveFact>
  until(what: string, check: () => boolean): Promise<void>
  /** Advances the clock in steps, letting sockets answer after each, until `check` holds. */
  passing(stepMs: number, check: () => boolean): Promise<void>
  /** Resolves once the client is connected and has applied the list. */
  open(): Promise<void>
  /** Stops the client as a stopping hub does, and starts it again in the same folder. */
  restart(change?: Partial<PbxAccount>): Promise<void>
}

/** Resolves once `check` holds, which real sockets bring about; never sleeps. Rejects after the limit of an event. */
export async function untilTrue(what: string, check: () => boolean): Promise<void> {
  const lateMs = performance.now() + EVENT_LIMIT_MS
  while (!check()) {
    if (performance.now() > lateMs) throw new Error(`never happened: ${what}`)
    await turn()
  }
}

/** Starts the client on real sockets before a sandbox PBX, with a fake clock. */
export async function aPbxWorld(
  setup: PbxSetup & { account?: Partial<PbxAccount>; before?: (pbx: SandboxPbx) => void } = {},
): Promise<PbxWorld> {
  const clock = createFakeClock()
  const folder = await mkdtemp(path.join(tmpdir(), 'pbx-'))
  const pbx = await startSandboxPbx({ nowMs: () => clock.nowMs(), ...setup })
  setup.before?.(pbx)
  const facts: LiveFact[] = []
  const links: PbxLink[] = []
  const log: PbxWorld['log'] = []
  const write = (level: string) => (fields: object, event: string) =>
    void log.push({ level, event, fields: { ...fields } })
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const start = (change: Partial<PbxAccount> = {}) =>
    openPbx({
      account: { url: pbx.url, ...pbx.client, caFile: undefined, ...setup.account, ...change },
      folder,
      clock,
      random: () => 0.5,
      log: logger,
      listener: {
        fact: (fact) =>
          world.refuses ? Promise.reject(new Error('disk full')) : Promise.resolve(facts.push(fact)),
        link: async (link) => void links.push(link),
      },
    })
  let client: Pbx
  const world: PbxWorld = {
    pbx,
    clock,
    facts,
    links,
    log,
    folder,
    refuses: false,
    get client() {
      return client
    },
    delivered: () =>
      facts.map(({ state, extension, direction, remoteNumber = '', remoteName = '' }) =>
        `${state} ${extension} ${direction} ${remoteNumber} ${remoteName}`.trim(),
      ),
    believed() {
      const legs = new Map<string, LiveFact>()
      for (const fact of facts)
        if (fact.state === 'ended') legs.delete(fact.leg)
        else legs.set(fact.leg, fact)
      return legs
    },
    until: untilTrue,
    async passing(stepMs, check) {
      for (let step = 0; !check(); step++) {
        if (step > 2_000) throw new Error('it never happened')
        await clock.advance(stepMs)
        for (let room = 0; room < 200 && !check(); room++) await turn()
      }
    },
    open: () => untilTrue('the connection', () => client.control.state().at === 'open'),
    async restart(change) {
      await client.stop()
      client = start(change)
    },
    async [Symbol.asyncDispose]() {
      await client.stop()
      await pbx[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
  client = start()
  return world
}
