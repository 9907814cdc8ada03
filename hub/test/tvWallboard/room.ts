import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createFakeClock, type FakeClock } from '../../../protocol/testing/fakeClock.ts'
import {
  agentId,
  callId,
  draftId,
  recordingId,
  utteranceId,
  type BoardCall,
  type Channel,
  type Draft,
  type Priority,
  type Utterance,
} from '@3cx-ninja/protocol'
import { createAccess } from '../../src/access/access.ts'
import { createAttempts } from '../../src/access/attempts.ts'
import { createScreens } from '../../src/access/screens.ts'
import { openDatabase } from '../../src/database/openDatabase.ts'
import { createApp } from '../../src/http/app.ts'
import { healthRoutes } from '../../src/http/health.ts'
import { screenRoutes } from '../../src/http/screens.ts'
import { wallboardRoutes } from '../../src/http/wallboard.ts'
import { createMetrics } from '../../src/observe/metrics.ts'
import { startWsEngine } from '../../src/server/wsEngine.ts'
import { WALLBOARD_TOPIC, createWallboardSocket } from '../../src/sockets/wallboardSocket.ts'
import { createRecentUtterances } from '../../src/transcripts/recentUtterances.ts'
import { createWallboardKeys } from '../../src/wallboard/wallboardKeys.ts'
import { createWallboardFeed } from '../../src/wallboard/wallboardFeed.ts'

/** Saturday 21 November 2026, 14:32:08 in Paris: the time of the pictures. */
export const NOON_MS = Date.UTC(2026, 10, 21, 13, 32, 8)

export interface Room extends AsyncDisposable {
  /** Address of the wallboard, without a link's code. */
  readonly url: string
  /** Returns a new code of a wallboard link, for `?once=`. */
  code(): string
  enrollmentKey(): Promise<string>
  /** Revokes every screen. */
  revoke(): Promise<void>
  readonly clock: FakeClock
  readonly nowMs: () => number
  /** Slots of all workers, and how many are in use. */
  slots: { total: number; used: number }
  draftsWaiting: number
  agent(name: string, extension: string, online?: boolean): string
  call(key: string, agent: string, changes: Partial<BoardCall>): void
  say(key: string, channel: Channel, fromMs: number, text: string, state?: Utterance['state']): void
  ticket(id: number, title: string, about: { agent: string; organization?: string; priority: Priority }): void
  hangUpToDraft(afterMs: number): void
  /** Publishes the figures, which the hub gathers for half a second. */
  settle(): Promise<void>
}

/**
 * Opens the wallboard's side of a hub, real from the feed to the socket, whose calls the test moves by hand: for pictures
 * and rooms that are too large to play.
 */
export async function openRoom(wallboardFolder: string): Promise<Room> {
  const clock = createFakeClock(NOON_MS)
  const lines = createRecentUtterances()
  const calls = new Map<string, BoardCall>()
  const agents = new Map<string, { name: string; extension: string }>()
  let publish: (text: string) => void = () => undefined
  const state = { slots: { total: 8, used: 0 }, draftsWaiting: 0 }
  const feed = createWallboardFeed({
    clock,
    publish: (text) => publish(text),
    privacy: { country: 'FR', names: 'full', keyOf: createWallboardKeys(Buffer.from('the room')) },
    onBroken: (kind) => {
      throw new Error(`a broken ${kind}`)
    },
    recent: (id) => lines.of(id),
    slots: () => state.slots,
    draftsWaiting: () => state.draftsWaiting,
    calls: [],
    tickets: [],
  })
  const metrics = createMetrics()
  const folder = await mkdtemp(path.join(tmpdir(), 'room-'))
  const database = await openDatabase({ file: path.join(folder, 'hub.sqlite'), onSlow: () => undefined })
  let ids = 0
  const newId = () => `member-${String((ids += 1)).padStart(4, '0')}`
  const attempts = createAttempts(clock)
  const access = createAccess({ database, clock, newId, attempts, onSeenNotStored: () => undefined })
  const screens = createScreens({ access, attempts, clock })
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const server = await startWsEngine({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    fetch: (request, info) => app.fetch(request, info),
    sockets: [
      createWallboardSocket({
        busyClients: { note: () => undefined },
        access,
        feed,
        clock,
        hubVersion: '0.1.0',
        log,
        cookie: 'wallboard',
        onCount: () => undefined,
      }),
    ],
  })
  const app = createApp(
    [
      healthRoutes({
        parts: async () => [],
        registry: metrics.registry,
        version: '0.1.0',
        clock,
        metricsToken: undefined,
        isOwnMachine: () => false,
        attempts,
      }),
      wallboardRoutes({ folder: wallboardFolder }),
      screenRoutes({ secure: false, access, screens, log }),
    ],
    {
      onFailure: (_, error) => {
        throw error
      },
    },
  )
  publish = (text) => server.publish(WALLBOARD_TOPIC, text)
  const idOf = (key: string) => callId.parse(`call-${key.padStart(4, '0')}`)
  const idOfAgent = (name: string) => agentId.parse(`agent-${[...agents.keys()].indexOf(name) + 1000}`)

  return {
    url: `http://127.0.0.1:${server.port}/tv`,
    code: () => screens.issueCode({ name: 'Tableau mural' }),
    enrollmentKey: () => access.issueSecret('wallboard', null),
    async revoke() {
      for (const { id } of await access.clients('wallboard')) await access.revoke(id)
    },
    clock,
    nowMs: () => clock.nowMs(),
    get slots() {
      return state.slots
    },
    set slots(slots) {
      state.slots = slots
    },
    get draftsWaiting() {
      return state.draftsWaiting
    },
    set draftsWaiting(count) {
      state.draftsWaiting = count
    },
    agent(name, extension, online = true) {
      agents.set(name, { name, extension })
      feed.presence(idOfAgent(name), name, extension, online)
      return name
    },
    call(key, agent, changes) {
      const known = calls.get(key)
      const call: BoardCall = {
        callId: idOf(key),
        revision: 1,
        phase: 'ringing',
        direction: 'inbound',
        extension: agents.get(agent)?.extension ?? '200',
        startedAtMs: clock.nowMs(),
        recording: 'recording',
        agentId: idOfAgent(agent),
        agentName: agent,
        ...known,
        ...changes,
      }
      calls.set(key, call)
      feed.call(call)
    },
    say(key, channel, fromMs, text, state = 'final') {
      const said: Utterance = {
        utteranceId: utteranceId.parse(`${key.padStart(4, '0')}-${channel}-${fromMs}`),
        recordingId: recordingId.parse(`recording-${key}`),
        channel,
        part: 1,
        state,
        fromMs,
        toMs: fromMs + 1_000,
        text,
        words: [],
      }
      lines.add(idOf(key), said)
      feed.utterance(idOf(key), said)
    },
    ticket(number, title, { agent, organization, priority }) {
      const call = calls.values().next().value
      if (!call) throw new Error('a ticket comes from a call: make one first')
      const draft: Draft = {
        draftId: draftId.parse(`draft-${number}`),
        callId: callId.parse(`filed-${number}`),
        revision: 1,
        state: { at: 'filed', ticketId: String(number), filedAtMs: clock.nowMs() },
        fields: {
          title,
          description: '',
          category: '',
          priority,
          contactId: null,
          contactName: null,
          organizationId: null,
          organizationName: organization ?? null,
          actions: [],
        },
        sentiment: 'neutral',
        evidence: { category: [], priority: [], sentiment: [] },
        transcript: 'complete',
        extension: call.extension,
        createdAtMs: clock.nowMs(),
      }
      feed.draft(draft, { ...call, agentName: agent })
    },
    hangUpToDraft: (afterMs) => feed.hangUpToDraft(afterMs),
    settle: () => clock.advance(500),
    async [Symbol.asyncDispose]() {
      feed.stop()
      metrics.stop()
      await server.stop()
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}
