import { once } from 'node:events'
import path from 'node:path'
import SQLite from 'better-sqlite3'
import { encodeFrame, type CallSnapshot, type PartHeader, type Utterance } from '@3cx-ninja/protocol'
import { aCall, aPart, aWorkerOffer } from './messages.ts'
import type { AnyMessage, RawLink } from './rawClient.ts'
import { startHub, type HubSetup, type Member, type TestHub } from './startHub.ts'

/** The number of Alice's caller: nothing that Eve receives may hold it. */
export const CALLER = '+33240112233'
/** Tables whose rows are a client's things. */
const TABLES = ['call', 'callAlias', 'recordingProgress', 'utterance', 'draft', 'outbox'] as const

/** A hub with two enrolled agents: Alice, who has a live recording and an offered draft, and Eve, who knows every id of them. */
export interface TwoAgents extends AsyncDisposable {
  readonly hub: TestHub
  readonly alice: Member
  readonly eve: Member
  readonly aliceLink: RawLink
  readonly eveLink: RawLink
  /** Alice's active call, her recording of it, and the draft of an earlier call. */
  readonly call: CallSnapshot
  readonly header: PartHeader
  readonly draft: { readonly draftId: string; readonly revision: number }
  /** Eve's own active call. */
  readonly ownCall: CallSnapshot
  /** Resolves with everything that the hub has of Alice: rows, and the recording as she plays it back. */
  stored(): Promise<unknown>
  /** Resolves with the position of Alice's part once one more record of hers is flushed: her recording goes on. */
  recordsOn(): Promise<number>
  /** Connects both again, as after a lost network. */
  connect(): Promise<void>
  /** Restarts the hub and connects both again; Alice opens her part again. */
  restart(): Promise<void>
}

const STREAM = 1
const FIRST_RECORDS = 20

/** Starts the hub and lets both agents work. `change`: of Alice's active call, such as an earlier start. */
export async function openTwoAgents(
  change: Partial<CallSnapshot> = {},
  setup: HubSetup = {},
): Promise<TwoAgents> {
  const hub = await startHub(setup)
  const [alice, eve] = [
    await hub.enroll('agent', { extension: '101', name: 'Alice' }),
    await hub.enroll('agent', { extension: '102', name: 'Eve' }),
  ]
  const { header, records } = aPart(200, { recordingId: 'recording-of-alice' as never })
  const call = aCall({ remoteNumber: CALLER, recordingId: header.recordingId, ...change })
  const ownCall = aCall({
    callId: 'call-of-eve' as never,
    extension: '102',
    remoteNumber: '+33199001122',
    recording: 'none',
  })
  const links = { alice: await hub.connect('agent', alice), eve: await hub.connect('agent', eve) }
  let position = FIRST_RECORDS
  const open = async () => {
    links.alice.send({ kind: 'part-open', stream: STREAM, header })
    position = Number((await links.alice.next('part-position'))['position'])
    await links.alice.next('records-flushed')
  }
  const flushedTo = async (upTo: number) => {
    while (Number((await links.alice.next('records-flushed'))['position']) < upTo);
  }
  await reported(links.alice, call)
  await open()
  links.alice.send(encodeFrame(STREAM, records.slice(0, FIRST_RECORDS)))
  await flushedTo(FIRST_RECORDS)
  position = FIRST_RECORDS
  const draft = await anOfferedDraft(links.alice)
  await reported(links.eve, ownCall)
  const world: TwoAgents = {
    ...{ hub, alice, eve, call, header, draft, ownCall },
    get aliceLink() {
      return links.alice
    },
    get eveLink() {
      return links.eve
    },
    async stored() {
      const { token } = alice
      const played = await hub.ask(`/api/agent/recordings/${header.recordingId}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      return { rows: rowsOfOthers(hub, eve.id), played: played.json() }
    },
    async recordsOn() {
      links.alice.send(encodeFrame(STREAM, records.slice(position, position + 1)))
      position += 1
      await flushedTo(position)
      return position
    },
    async connect() {
      links.alice = await hub.connect('agent', alice)
      links.eve = await hub.connect('agent', eve)
      await open()
    },
    async restart() {
      await hub.restart()
      await world.connect()
    },
    [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose](),
  }
  return world
}

/** Reports a call of the agent's own. Resolves once both answers have come. */
async function reported(link: RawLink, call: CallSnapshot): Promise<void> {
  link.send({ kind: 'call-report', call })
  await link.next('call-stored')
  await link.next('call-identified')
}

/** Lets the agent report a whole call without a recording, whose draft is offered at once. */
async function anOfferedDraft(link: RawLink): Promise<TwoAgents['draft']> {
  const over = aCall({
    callId: 'earlier-call-of-alice' as never,
    phase: 'done',
    endedAtMs: Date.now() - 60_000,
    startedAtMs: Date.now() - 600_000,
    recording: 'none',
    remoteNumber: CALLER,
  })
  await reported(link, over)
  for (;;) {
    const { draft } = (await link.next('draft')) as unknown as {
      draft: { draftId: string; callId: string; revision: number; state: { at: string } }
    }
    if (draft.callId === over.callId && draft.state.at !== 'collecting') return draft
  }
}

/** Returns all rows but those of this agent's own calls. */
function rowsOfOthers(hub: TestHub, agentId: string): unknown {
  const sqlite = new SQLite(path.join(hub.folder, 'data', 'hub.sqlite'), { readonly: true })
  try {
    const own = sqlite.prepare('select callId from call where agentId = ?').pluck().all(agentId)
    return TABLES.map((table) =>
      sqlite
        .prepare(`select * from "${table}" order by 1, 2`)
        .all()
        .filter((row) => !own.includes((row as { callId: unknown }).callId)),
    )
  } finally {
    sqlite.close()
  }
}

/** Resolves with a worker that transcribes Alice's recording: it says what the test lets it say. */
export async function aWorkerAtWork(hub: TestHub) {
  const link = await hub.connect('worker', await hub.enroll('worker'))
  link.send(aWorkerOffer())
  const offer = (await link.next('lease-offer')) as unknown as { lease: { leaseId: string; fence: number } }
  const { leaseId, fence } = offer.lease
  link.send({ kind: 'lease-accept', leaseId })
  await link.next('part-follows')
  const say = (utterance: Partial<Utterance>) =>
    link.send({ kind: 'utterance', leaseId, fence, utterance: aFinal(utterance), lagMs: 0 })
  return { link, leaseId, fence, say }
}

let said = 0
/** Returns a final of Alice's recording, each one later than the one before. */
export function aFinal(change: Partial<Utterance> = {}): Utterance {
  said += 1
  return {
    utteranceId: `utterance-${String(said).padStart(6, '0')}`,
    recordingId: 'recording-of-alice',
    channel: 'caller',
    part: 1,
    state: 'final',
    fromMs: said * 10,
    toMs: said * 10 + 9,
    text: 'Mon imprimante fume.',
    words: [],
    ...change,
  } as Utterance // the ids are branded strings
}

/** Returns the messages that the link received from `since` on, without what belongs to the link itself. */
export function messagesSince(link: RawLink, since: number): readonly AnyMessage[] {
  return link.received
    .slice(since)
    .flatMap((one) => (Buffer.isBuffer(one) || ['ping', 'pong'].includes(one.kind) ? [] : [one]))
}

/** Resolves once the link has received a message of each kind from `since` on: what came before does not count. */
export async function received(link: RawLink, since: number, kinds: readonly string[]): Promise<void> {
  const hasAll = () => {
    const here = messagesSince(link, since).map(({ kind }) => kind)
    return kinds.every((kind) => here.includes(kind))
  }
  while (!hasAll()) await once(link.socket, 'message')
}
