import { MINUTE_MS, type CallId } from '@3cx-ninja/protocol'
import type { Fault } from '../../test/sandbox/ninjaone/schemas.ts'
import { createHelpdeskStore } from '../src/database/stores.ts'
import { tokenStoreOf } from '../src/ninjaone/ninjaone.ts'
import { AGENT } from './ticketBuilders.ts'
import { aFilingWorld, KILLED_AT_START, playCall, type FilingWorld, type Life } from './filingWorld.ts'

const REQUESTS = [
  'POST /v2/ticketing/ticket',
  'POST /v2/ticketing/ticket/*',
  'POST /v2/ticketing/trigger/*',
  'GET /v2/ticketing/ticket/*',
  'GET /v2/ticketing/trigger/boards',
  'POST /ws/oauth/token',
  'POST /*',
  'GET /*',
] as const
const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 401, body: { error: 'not_authenticated', error_code: 10 } },
  { kind: 'status', status: 403, body: { resultCode: 'user_context_required' } },
  { kind: 'status', status: 403, body: { resultCode: 'insufficient_privileges' } },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 429, retryAfter: '20' },
  { kind: 'status', status: 500 },
  { kind: 'html', status: 200 },
  { kind: 'cut' },
  { kind: 'stored-then-cut' },
  { kind: 'cut-then-stored', delayMs: 20_000 },
  { kind: 'slow', delayMs: 5_000 },
  { kind: 'slow', delayMs: 30_000 },
]

/** Returns a repeatable random source (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Files several calls under faults, kills and full disks drawn from the seed. Rejects unless each ends with exactly one ticket and one comment. */
export async function runRandomFaults(seed: number): Promise<void> {
  const random = seeded(seed)
  const upTo = (count: number) => Math.floor(random() * count)
  await using world = await aFilingWorld()
  const calls = Array.from({ length: 1 + upTo(3) }, (_, index) => `CALL-${seed}-${index}-0000` as CallId)
  const startedAtMs = world.clock.nowMs()
  const history: string[] = []
  let life: Life | undefined

  const addFault = async () => {
    const on = REQUESTS[upTo(REQUESTS.length)] ?? 'POST /*'
    const fault = FAULTS[upTo(FAULTS.length)] ?? { kind: 'cut' }
    history.push(`${on} ${JSON.stringify(fault)}`)
    await world.sandbox.fail(on, fault, 1 + upTo(2))
  }
  const begin = async (dieAt?: number) => {
    history.push(`live until step ${dieAt ?? 'the end'}`)
    life = await world.live(dieAt === undefined ? {} : { dieAt }).catch((error: unknown) => {
      if (error !== KILLED_AT_START) throw error
      return undefined
    })
    const mine = life
    if (!mine) return
    for (const callId of calls) void playCall(mine, { callId, startedAtMs }).catch(() => undefined)
  }
  for (let turn = 0; turn < 2 + upTo(4); turn++) {
    for (let count = upTo(4); count > 0; count--) await addFault()
    await begin(1 + upTo(60))
    if (random() < 0.3) world.failStores(1 + upTo(3))
    await world.pass(upTo(120) * 1_000)
    life?.kill()
    await world.pass(upTo(3) * 1_000)
  }
  await begin()
  try {
    await world.until('every call is filed', () => allFiled(world, calls, life), 8 * 60 * MINUTE_MS)
    await world.pass(3 * MINUTE_MS)
    check(world, calls)
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\n${history.join('\n')}`, { cause: error })
  }
}

/** Resolves with whether all calls are filed. Acts as a person meanwhile: signs in when the sign-in is invalid, files drafts that a later call parked. */
async function allFiled(
  world: FilingWorld,
  calls: readonly CallId[],
  life: Life | undefined,
): Promise<boolean> {
  // A comment may be blocked when its ticket is filed already: /health reports that a person must act, the draft does not.
  if (life?.outbox.blocked().some(({ reason }) => reason === 'sign-in')) {
    const tokens = tokenStoreOf(createHelpdeskStore(world.database, 'ninjaone', () => 0))
    if ((await tokens.read()) === undefined) await tokens.save(world.sandbox.signIn())
    await life.outbox.unblock().catch(() => undefined) // the disk may still be full: the person tries again
  }
  for (const callId of calls) {
    const draft = await world.draftOf(callId)
    if (draft?.state.at === 'parked')
      await life?.drafts.decide(AGENT, draft.draftId, draft.revision, { kind: 'file' }).catch(() => undefined)
    if (draft?.state.at !== 'filed') return false
  }
  return (await world.database.run('outbox.open', { afterRowId: 0 })).length === 0
}

function check(world: FilingWorld, calls: readonly CallId[]): void {
  for (const callId of calls) {
    const marker = `call-${callId.toLowerCase()}`
    const tickets = world.sandbox.held.tickets.filter(({ tags }) => tags.includes(marker))
    if (tickets.length !== 1) throw new Error(`${callId}: ${tickets.length} tickets`)
    const comments = world.sandbox.comments().filter(({ ticketId }) => ticketId === String(tickets[0]?.id))
    if (comments.length !== 1) throw new Error(`${callId}: ${comments.length} comments`)
    const file = comments[0]?.entry.files[0]?.text ?? ''
    const lost = world.lines.filter(({ text }) => !file.includes(text))
    if (lost.length > 0)
      throw new Error(`${callId}: lines are missing: ${lost.map(({ text }) => text).join()}`)
  }
}
