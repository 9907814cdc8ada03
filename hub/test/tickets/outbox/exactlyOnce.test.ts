import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../../test/sandbox/ninjaone/schemas.ts'
import type { CallId } from '@3cx-ninja/protocol'
import { createHelpdeskStore } from '../../../src/database/stores.ts'
import { tokenStoreOf } from '../../../src/ninjaone/ninjaone.ts'
import { aFilingWorld, playCall, type FilingWorld, type Life } from '../../../testing/filingWorld.ts'
import { AGENT, CALL } from '../../../testing/ticketBuilders.ts'

const CREATE = 'POST /v2/ticketing/ticket'
const COMMENT = 'POST /v2/ticketing/ticket/*'

/** Expects exactly one ticket with the call's marker, and exactly one private comment with the whole text. */
function expectOneTicket({ sandbox, lines }: FilingWorld, callId = CALL, when = ''): void {
  const marker = `call-${callId.toLowerCase()}`
  const tickets = sandbox.held.tickets.filter(({ tags }) => tags.includes(marker))
  expect(tickets.length, `tickets ${when}`).toBe(1)
  const [ticket] = tickets
  expect(ticket?.log[0]?.body).toContain(marker)
  const comments = sandbox.comments().filter(({ ticketId }) => ticketId === String(ticket?.id))
  expect(comments.length, `comments ${when}`).toBe(1)
  expect(comments[0]?.entry.publicEntry).toBe(false)
  for (const { text } of lines) expect(comments[0]?.entry.files[0]?.text).toContain(text)
}
const isFiled =
  (world: FilingWorld, callId = CALL) =>
  async () =>
    (await world.draftOf(callId))?.state.at === 'filed' && (await openRows(world)) === 0
const openRows = async ({ database }: FilingWorld) =>
  (await database.run('outbox.open', { afterRowId: 0 })).length

const faults: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: 'answers 401', fault: { kind: 'status', status: 401, body: { error: 'not_authenticated', error_code: 10 } } },
  { name: 'answers 429 without Retry-After', fault: { kind: 'status', status: 429 } },
  { name: 'answers 429 with Retry-After', fault: { kind: 'status', status: 429, retryAfter: '7' } },
  { name: 'answers 429 with a nonsensical Retry-After', fault: { kind: 'status', status: 429, retryAfter: '1e300' } },
  { name: 'answers 429 with a fraction', fault: { kind: 'status', status: 429, retryAfter: '0.0004' } },
  { name: 'answers 500', fault: { kind: 'status', status: 500 } },
  { name: 'answers 503', fault: { kind: 'status', status: 503, retryAfter: '30' } },
  { name: 'answers a page with 200', fault: { kind: 'html', status: 200 } },
  { name: 'answers 200 without a ticket', fault: { kind: 'status', status: 200, body: {} } },
  { name: 'cuts the connection', fault: { kind: 'cut' } },
  { name: 'stores, then cuts the connection', fault: { kind: 'stored-then-cut' } },
  { name: 'cuts, then stores 20 s later', fault: { kind: 'cut-then-stored', delayMs: 20_000 } },
  { name: 'answers after 10 s', fault: { kind: 'slow', delayMs: 10_000 } },
  { name: 'answers after 40 s, when nobody waits any more', fault: { kind: 'slow', delayMs: 40_000 } },
] // prettier-ignore

describe.concurrent('filing exactly once', () => {
  it('files a draft after its countdown and its seconds to undo, with the transcript as one private comment', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await playCall(life)
    await world.pass(19_000, 1_000)
    expect(world.sandbox.held.tickets).toHaveLength(0)
    await world.until('filed', isFiled(world))
    expectOneTicket(world)
    expect(world.sandbox.held.tickets[0]).toMatchObject({
      clientId: 41,
      requesterUid: '00000000-0000-4000-8000-000000000100',
    })
    expect(world.events.filter(({ level }) => level !== 'info')).toEqual([])
  })

  for (const { name, fault } of faults) {
    for (const on of [CREATE, COMMENT]) {
      // The answer to a comment has no body.
      if (on === COMMENT && name.includes('without a ticket')) continue
      const what = on === CREATE ? 'ticket' : 'comment'
      it(`files one ticket and one comment when NinjaOne ${name} at the ${what}`, async () => {
        await using world = await aFilingWorld()
        await world.sandbox.fail(on, fault)
        await playCall(await world.live())
        await world.until('filed', isFiled(world))
        await world.pass(90_000) // nothing appears afterwards
        expectOneTicket(world)
      })
    }
    if (fault.kind === 'slow' || name.includes('without a ticket')) continue
    it(`files one ticket and one comment when NinjaOne ${name} three times in a row at every write`, async () => {
      await using world = await aFilingWorld()
      await world.sandbox.fail(CREATE, fault, 3)
      await world.sandbox.fail(COMMENT, fault, 3)
      await playCall(await world.live())
      await world.until('filed', isFiled(world))
      await world.pass(90_000)
      expectOneTicket(world)
    })
  }

  it('searches for a ticket of unknown outcome until the search succeeds, and never sends it a second time', async () => {
    await using world = await aFilingWorld()
    await world.sandbox.fail(CREATE, { kind: 'stored-then-cut' })
    await world.sandbox.fail('GET /v2/ticketing/trigger/boards', { kind: 'status', status: 500 }, 2)
    await world.sandbox.fail('POST /v2/ticketing/trigger/*', { kind: 'html', status: 200 }, 2)
    await playCall(await world.live())
    await world.until('filed', isFiled(world))
    expectOneTicket(world)
    const creates = (await world.sandbox.requests()).filter(
      ({ method, path }) => `${method} ${path}` === CREATE,
    )
    expect(creates).toHaveLength(1)
    expect(world.events.filter(({ event }) => event === 'outbox.search-failed')).toHaveLength(4)
  })

  it('finds a ticket of unknown outcome on a later page of the board', async () => {
    await using world = await aFilingWorld()
    await world.sandbox.fail(CREATE, { kind: 'stored-then-cut' })
    await playCall(await world.live())
    await world.until('stored', () => world.sandbox.held.tickets.length > 0)
    const [ours] = world.sandbox.held.tickets
    if (!ours) throw new Error('no ticket')
    for (let id = 0; id < 350; id++)
      world.sandbox.held.tickets.push({ ...ours, id: world.sandbox.held.nextTicket++, tags: ['phone'] })
    await world.until('filed', isFiled(world))
    expect(world.sandbox.held.tickets.filter(({ tags }) => tags.includes(`call-${CALL.toLowerCase()}`))).toHaveLength(1) // prettier-ignore
    expect((await world.draftOf(CALL))?.state).toMatchObject({ at: 'filed', ticketId: String(ours.id) })
  })

  it('logs a duplicate ticket that appears later than any search as an error', async () => {
    await using world = await aFilingWorld()
    await world.sandbox.fail(CREATE, { kind: 'cut-then-stored', delayMs: 90_000 }) // longer than the outbox searches
    await playCall(await world.live())
    await world.until('filed', isFiled(world))
    expect(world.sandbox.held.tickets).toHaveLength(2)
    const logged = world.events.find(({ event }) => event === 'outbox.duplicate')
    expect(logged).toMatchObject({ level: 'error', fields: { copies: ['1001', '1002'] } })
    expect(world.sandbox.comments()).toHaveLength(1)
  })

  it('sends writes that NinjaOne never received once the outage is over', async () => {
    await using world = await aFilingWorld()
    await world.sandbox.fail('POST /*', { kind: 'cut' }, 12)
    await world.sandbox.fail('GET /*', { kind: 'cut' }, 3)
    await playCall(await world.live())
    await world.until('filed', isFiled(world))
    expectOneTicket(world)
  })
})

describe('a hub killed at any step', () => {
  let signIns = 0
  const callOf = (dieAt: number) => `CALL-KILLED-${String(dieAt).padStart(4, '0')}` as CallId

  /** Plays a call until it is filed, killing the hub at the given step, then starting it again on the same database. */
  async function runKilledAt(world: FilingWorld, dieAt: number): Promise<Life> {
    const first = await world.live({ dieAt })
    const callId = callOf(dieAt)
    const startedAtMs = world.clock.nowMs()
    playCall(first, { callId, startedAtMs }).catch(() => undefined)
    const over = isFiled(world, callId)
    await world.until('filed or killed', async () => first.isDead() || (await over()))
    if (!first.isDead()) {
      await first.stop()
      return first
    }
    await world.pass(3_000)
    const second = await world.live()
    await playCall(second, { callId, startedAtMs }) // the agent reports its call again, the card is shown again
    const at = async () => (await world.draftOf(callId))?.state.at
    await world.until(`filed, killed at step ${dieAt}`, async () => (await at()) === 'blocked' || over())
    if ((await at()) === 'blocked') {
      // The hub died between NinjaOne's new token and the disk; the old token is invalid. The draft waits as blocked.
      expect((await world.draftOf(callId))?.state).toMatchObject({ reason: 'sign-in' })
      signIns += 1
      await tokenStoreOf(createHelpdeskStore(world.database, 'ninjaone', () => 0)).save(
        world.sandbox.signIn(),
      )
      await second.outbox.unblock()
      await world.until('filed after the sign-in', over)
    }
    await second.stop()
    return second
  }

  it('files exactly one ticket with one comment, at whichever step the hub is killed', async () => {
    await using world = await aFilingWorld()
    const steps = (await runKilledAt(world, 9_999)).steps()
    expect(steps).toBeGreaterThan(20)
    for (let dieAt = 1; dieAt <= steps; dieAt++) {
      await runKilledAt(world, dieAt)
      expectOneTicket(world, callOf(dieAt), `killed at step ${dieAt} of ${steps}`)
    }
    expect(signIns).toBe(1)
    await world.pass(90_000)
    expect(world.sandbox.held.tickets).toHaveLength(steps + 1)
    expect(world.sandbox.comments()).toHaveLength(steps + 1)
  })

  it('files exactly one ticket with one comment when the hub is killed and NinjaOne cuts connections', async () => {
    await using world = await aFilingWorld()
    for (let dieAt = 6; dieAt <= 46; dieAt += 4) {
      await world.sandbox.fail(CREATE, { kind: 'cut-then-stored', delayMs: 20_000 })
      await world.sandbox.fail(COMMENT, { kind: 'stored-then-cut' })
      await runKilledAt(world, dieAt)
      await world.pass(70_000)
      expectOneTicket(world, callOf(dieAt), `killed at step ${dieAt}`)
    }
  })
})

describe.concurrent('a disk that is full for a while', () => {
  it('loses no draft and no ticket on a full disk, whichever writes to the database fail', async () => {
    for (const failures of [1, 2, 3, 5]) {
      for (const when of ['call', 'countdown', 'filing'] as const) {
        await using world = await aFilingWorld()
        const life = await world.live()
        if (when === 'call') world.failStores(failures)
        await playCall(life)
        await world.pass(6_000)
        for (const { draftId } of life.drafts.forAgent(AGENT)) await life.drafts.visible(AGENT, draftId)
        if (when === 'countdown') world.failStores(failures)
        await world.until('decided', async () => {
          const at = (await world.draftOf(CALL))?.state.at
          return at === 'filing' || at === 'filed'
        })
        if (when === 'filing') world.failStores(failures)
        await world.until(`filed after ${failures} failures at ${when}`, isFiled(world))
        await world.pass(70_000)
        expectOneTicket(world)
      }
    }
  })
})
