import { describe, expect, it } from 'vitest'
import type { BoardCall, CallId, DraftState } from '@3cx-ninja/protocol'
import { aFilingWorld, type FilingWorld, type Life } from '../../testing/filingWorld.ts'
import { AGENT, CALL, aCall, aLine } from '../../testing/ticketBuilders.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const draftOf = (life: Life, callId: CallId = CALL) => {
  const draft = [...life.drafts.forAgent(AGENT)].find((one) => one.callId === callId)
  if (!draft) throw new Error('no draft')
  return draft
}
const isAt = (life: Life, at: DraftState['at']) => () => draftOf(life).state.at === at

/** Plays the call up to its end, without its text. */
async function hangUp(life: Life, change: Partial<BoardCall> = {}): Promise<BoardCall> {
  const ringing = aCall(change)
  const endedAtMs = ringing.startedAtMs + 94_000
  await life.drafts.onCall(ringing)
  await life.drafts.onCall({ ...ringing, revision: 2, phase: 'talking', recording: 'recording' })
  const done: BoardCall = { ...ringing, revision: 3, phase: 'done', recording: 'complete', endedAtMs }
  await life.drafts.onCall(done)
  return done
}
/** Plays a call until its draft is offered; nobody has seen its card. */
async function offered(life: Life, change: Partial<BoardCall> = {}): Promise<BoardCall> {
  const call = await hangUp(life, change)
  await life.drafts.onTranscribed(call.callId)
  return call
}
async function counting(life: Life): Promise<BoardCall> {
  const call = await offered(life)
  await life.drafts.visible(AGENT, draftOf(life).draftId)
  expect(draftOf(life).state.at).toBe('countdown')
  return call
}
const decide = (life: Life, decision: 'file' | 'hold' | 'resume' | 'undo', callId = CALL) => {
  const { draftId, revision } = draftOf(life, callId)
  return life.drafts.decide(AGENT, draftId, revision, { kind: decision })
}
const edit = (life: Life, title: string) => {
  const { draftId, revision } = draftOf(life)
  return life.drafts.edit(AGENT, draftId, revision, { title })
}
const ticketsOf = ({ sandbox }: FilingWorld) => sandbox.held.tickets

describe.concurrent('the life of a draft', () => {
  it('fills a draft from ringing on with the call’s facts and its text', async () => {
    await using world = await aFilingWorld()
    world.lines = []
    const life = await world.live()
    await life.drafts.onCall(aCall())
    expect(draftOf(life)).toMatchObject({
      state: { at: 'collecting' },
      transcript: 'pending',
      fields: { contactName: 'Thomas Girard', organizationName: 'Menuiserie Lambert', organizationId: '41' },
    })
    const line = aLine('caller', 'Mon imprimante ne répond plus.')
    world.lines = [line]
    life.drafts.onUtterance(CALL, line)
    await world.until('the draft has grown', () => draftOf(life).fields.category === 'Impression')
    expect(draftOf(life).fields.title).toBe('Mon imprimante ne répond plus')
    expect(draftOf(life).state.at).toBe('collecting')
  })

  it('raises a draft’s revision at every change, and reports each change once', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    const revisions = life.reported.map(({ revision }) => revision)
    expect(revisions).toEqual(revisions.map((_, index) => index + 1))
  })

  it('proposes a draft once its text is complete after hang-up', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await hangUp(life)
    expect(draftOf(life).state.at).toBe('collecting')
    await life.drafts.onTranscribed(call.callId)
    expect(draftOf(life)).toMatchObject({ state: { at: 'proposed' }, transcript: 'complete' })
  })

  it('offers a draft with the facts when no text comes in time, and adds the text later', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const lines = world.lines
    world.lines = []
    const call = await hangUp(life)
    await world.pass(59 * SECOND, SECOND)
    expect(draftOf(life).state.at).toBe('collecting')
    await world.until('offered', isAt(life, 'proposed'))
    expect(draftOf(life)).toMatchObject({ transcript: 'late', fields: { contactName: 'Thomas Girard' } })
    world.lines = lines
    await life.drafts.onTranscribed(call.callId)
    expect(draftOf(life)).toMatchObject({ transcript: 'complete', fields: { category: 'Impression' } })
  })

  it('adds text that comes after the ticket as one comment, also when it is reported twice', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await hangUp(life)
    await world.until('offered', isAt(life, 'proposed'))
    await decide(life, 'file')
    await world.until('filed', isAt(life, 'filed'))
    expect(world.sandbox.comments()).toHaveLength(0)
    await life.drafts.onTranscribed(call.callId)
    await life.drafts.onTranscribed(call.callId)
    await world.until('commented', () => world.sandbox.comments().length > 0)
    await world.pass(2 * MINUTE)
    expect(world.sandbox.comments()).toHaveLength(1)
    expect(world.sandbox.comments()[0]?.entry.files[0]?.text).toContain('ne répond plus')
    expect(ticketsOf(world)).toHaveLength(1)
  })

  it('[C8] collects again for a call wrongly presumed over, and offers the draft at its true end with the edits', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await hangUp(life, { presumedOverAtMs: 1_767_225_600_000 })
    await world.until('offered', isAt(life, 'proposed'))
    await edit(life, 'Imprimante de l’accueil')
    const { presumedOverAtMs: _, ...talking } = { ...call, phase: 'talking' as const }
    await life.drafts.onCall(talking)
    expect(draftOf(life)).toMatchObject({ state: { at: 'collecting' }, transcript: 'pending' })
    await life.drafts.onCall({ ...talking, revision: 4, phase: 'done' })
    await life.drafts.onTranscribed(CALL)
    expect(draftOf(life)).toMatchObject({
      state: { at: 'proposed' },
      transcript: 'complete',
      fields: { title: 'Imprimante de l’accueil' },
    })
  })

  it('[C8] files the text so far of a call whose PC died, and adds the whole text if it comes after all', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const whole = world.lines
    world.lines = whole.slice(0, 2)
    const call = await hangUp(life, { presumedOverAtMs: 1_767_225_600_000 })
    await world.until('offered', isAt(life, 'proposed'))
    await decide(life, 'file')
    await world.until('commented', () => world.sandbox.comments().length > 0)
    expect(world.sandbox.comments()[0]?.entry.files[0]?.text).not.toContain('ça marche')
    // With an unknown outcome, the outbox searches for the marker of the whole text: the partial text must not match it.
    await world.sandbox.fail('POST /v2/ticketing/ticket/*', { kind: 'cut' })
    world.lines = whole
    const { presumedOverAtMs: _, ...confirmed } = call
    await life.drafts.onCall({ ...confirmed, phase: 'talking', revision: 4 })
    expect(draftOf(life).state.at).toBe('filed')
    await life.drafts.onCall({ ...confirmed, phase: 'done', revision: 5 })
    await life.drafts.onTranscribed(CALL)
    await world.until('commented again', () => world.sandbox.comments().length > 1)
    await world.pass(2 * MINUTE)
    expect(world.sandbox.comments()).toHaveLength(2)
    expect(world.sandbox.comments().at(-1)?.entry.files[0]?.text).toContain('ça marche')
    expect(ticketsOf(world)).toHaveLength(1)
  })

  const DAY = 24 * 60 * MINUTE
  it.each(['in one life', 'across a restart'])(
    '[C8] adds whole text and late facts as comments to a draft decided days ago, %s, without a second ticket',
    async (how) => {
      await using world = await aFilingWorld()
      const first = await world.live()
      const whole = world.lines
      world.lines = whole.slice(0, 2)
      const call = await hangUp(first, { presumedOverAtMs: 1_767_225_600_000 })
      await world.until('offered', isAt(first, 'proposed'))
      await decide(first, 'file')
      await world.until('commented', () => world.sandbox.comments().length > 0)
      await world.until('filed', isAt(first, 'filed'))
      if (how === 'across a restart') await first.stop()
      await world.pass(3 * DAY, DAY / 24)
      const life = first.isDead() ? await world.live() : first
      if (!first.isDead()) await offered(life, { callId: 'CALL-00000009' as CallId }) // a new call evicts decided drafts
      world.lines = whole
      const { presumedOverAtMs: _, ...confirmed } = call
      const back: BoardCall = { ...confirmed, remoteName: 'Le gérant', revision: 5 }
      for (let times = 0; times < 2; times++) {
        await life.drafts.onCall(back)
        await life.drafts.onTranscribed(CALL)
      }
      await world.until('commented again', () => world.sandbox.comments().length > 2)
      await world.pass(2 * MINUTE)
      const comments = world.sandbox.comments().map(({ entry }) => entry)
      expect(comments).toHaveLength(3)
      expect(comments.some(({ files }) => files[0]?.text.includes('ça marche'))).toBe(true)
      expect(JSON.stringify(comments)).toContain('Nom annoncé : Le gérant')
      expect(ticketsOf(world)).toHaveLength(1)
      expect([...life.drafts.forAgent(AGENT)].some(({ callId }) => callId === CALL)).toBe(false)
      expect(world.events.filter(({ level }) => level === 'error')).toEqual([])
    },
  )

  it('[C8] files no partial text once the agent has reported the call’s true end', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await hangUp(life, { presumedOverAtMs: 1_767_225_600_000 })
    await world.until('offered', isAt(life, 'proposed'))
    const { presumedOverAtMs: _, ...confirmed } = call
    await life.drafts.onCall({ ...confirmed, revision: 4 })
    await decide(life, 'file')
    await world.until('filed', isAt(life, 'filed'))
    await world.pass(2 * MINUTE)
    expect(world.sandbox.comments()).toHaveLength(0)
    await life.drafts.onTranscribed(CALL)
    await world.until('commented', () => world.sandbox.comments().length > 0)
    expect(JSON.stringify(world.sandbox.comments())).not.toContain('coupure')
  })

  it('offers a draft at once when nothing was recorded', async () => {
    await using world = await aFilingWorld()
    world.lines = []
    const life = await world.live()
    const ringing = aCall()
    await life.drafts.onCall(ringing)
    await life.drafts.onCall({
      ...ringing,
      revision: 2,
      phase: 'missed',
      endedAtMs: ringing.startedAtMs + 20_000,
    })
    expect(draftOf(life)).toMatchObject({ state: { at: 'proposed' }, transcript: 'none', fields: { title: 'Appel manqué de Thomas Girard' } }) // prettier-ignore
  })

  it('[D2] parks a draft that nobody saw instead of filing it', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await offered(life)
    await world.pass(30 * MINUTE, MINUTE)
    expect(draftOf(life).state.at).toBe('parked')
    expect(ticketsOf(world)).toHaveLength(0)
  })

  it('[D2] files an unseen draft where the settings allow it', async () => {
    await using world = await aFilingWorld({ rules: { fileUnattended: true } })
    const life = await world.live()
    await offered(life)
    await world.until('filed', isAt(life, 'filed'))
    expect(ticketsOf(world)).toHaveLength(1)
  })

  it('[D2] counts a draft down from the moment its card is visible, and holds it at the end where the settings require it', async () => {
    await using world = await aFilingWorld({ rules: { onCountdownEnd: 'hold' } })
    const life = await world.live()
    await offered(life)
    await world.pass(40 * SECOND)
    await life.drafts.visible(AGENT, draftOf(life).draftId)
    expect(draftOf(life).state).toMatchObject({ at: 'countdown', remainingMs: 15_000, totalMs: 15_000 })
    await world.pass(14 * SECOND, SECOND)
    expect(draftOf(life).state).toMatchObject({ at: 'countdown', remainingMs: 1_000 })
    await world.pass(2 * SECOND, SECOND)
    expect(draftOf(life).state.at).toBe('held')
    expect(ticketsOf(world)).toHaveLength(0)
  })

  it('stops the countdown at an edit, and files the edit although text comes later', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await counting(life)
    expect(await edit(life, 'Imprimante de l’accueil')).toEqual({ ok: true })
    expect(draftOf(life).state.at).toBe('held')
    await life.drafts.onTranscribed(call.callId)
    await world.pass(MINUTE)
    expect(ticketsOf(world)).toHaveLength(0)
    await decide(life, 'file')
    await world.until('filed', isAt(life, 'filed'))
    expect(ticketsOf(world)[0]?.subject).toBe('Imprimante de l’accueil')
  })

  it('refuses an edit of an older revision, and returns the newer draft', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    const { draftId, revision } = draftOf(life)
    await life.drafts.edit(AGENT, draftId, revision, { title: 'Un' })
    const late = await life.drafts.edit(AGENT, draftId, revision, { title: 'Deux' })
    expect(late).toMatchObject({ ok: false, reason: 'stale-revision', draft: { fields: { title: 'Un' } } })
  })

  it('shows a draft to its own agent only, and refuses decisions of others', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    const { draftId, revision } = draftOf(life)
    const stranger = 'agent-stranger' as typeof AGENT
    expect(await life.drafts.decide(stranger, draftId, revision, { kind: 'file' })).toMatchObject({ reason: 'unknown-draft' }) // prettier-ignore
    expect([...life.drafts.forAgent(stranger)]).toEqual([])
  })

  it('[D2] stops the countdown when the agent’s link ends, and restarts it when the card is visible again', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    await world.pass(10 * SECOND, SECOND)
    life.drafts.agentGone(AGENT)
    await world.until('stopped', isAt(life, 'proposed'))
    await world.pass(MINUTE)
    expect(ticketsOf(world)).toHaveLength(0)
    await life.drafts.visible(AGENT, draftOf(life).draftId)
    expect(draftOf(life).state).toMatchObject({ at: 'countdown', remainingMs: 15_000 })
  })

  it('[D2] keeps a draft over a restart of the hub, without a countdown until its card is visible again', async () => {
    await using world = await aFilingWorld()
    const first = await world.live()
    await counting(first)
    const before = draftOf(first)
    await first.stop()
    await world.pass(10 * MINUTE, MINUTE)
    const life = await world.live()
    expect(draftOf(life)).toMatchObject({
      draftId: before.draftId,
      state: { at: 'proposed' },
      fields: before.fields,
    })
    await life.drafts.visible(AGENT, before.draftId)
    await world.until('filed', isAt(life, 'filed'))
    expect(ticketsOf(world)).toHaveLength(1)
  })

  it('[D5] undoes a decision within its seconds, and refuses an undo after them', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    await decide(life, 'file')
    expect(draftOf(life).state).toMatchObject({ at: 'filing', undoRemainingMs: 5_000 })
    await world.pass(4 * SECOND, SECOND)
    expect(await decide(life, 'undo')).toEqual({ ok: true })
    expect(draftOf(life).state.at).toBe('held')
    await world.pass(MINUTE)
    expect(ticketsOf(world)).toHaveLength(0)
    await decide(life, 'file')
    await world.until('filed', isAt(life, 'filed'))
    expect(await decide(life, 'undo')).toMatchObject({ ok: false, reason: 'too-late' })
  })

  it('parks a draft at the next call, and can file it later', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    await life.drafts.onCall(aCall({ callId: 'CALL-00000002' as CallId, revision: 1 }))
    await world.until('parked', isAt(life, 'parked'))
    await world.pass(10 * MINUTE, MINUTE)
    expect(ticketsOf(world)).toHaveLength(0)
    await decide(life, 'file')
    await world.until('filed', isAt(life, 'filed'))
  })

  it('parks a draft that was held for five minutes', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    await decide(life, 'hold')
    await world.pass(299 * SECOND, SECOND * 13)
    expect(draftOf(life).state.at).toBe('held')
    await world.until('parked', isAt(life, 'parked'), 10 * SECOND)
  })

  it('discards a draft with a reason, and files nothing when text comes later', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await counting(life)
    const { draftId, revision } = draftOf(life)
    expect(await life.drafts.decide(AGENT, draftId, revision, { kind: 'discard', reason: 'private', note: 'famille' })).toEqual({ ok: true }) // prettier-ignore
    expect(life.reported.at(-1)?.state).toEqual({ at: 'discarded', reason: 'private', note: 'famille' })
    expect([...life.drafts.forAgent(AGENT)]).toEqual([])
    await life.drafts.onTranscribed(call.callId)
    await world.pass(10 * MINUTE, MINUTE)
    expect(ticketsOf(world)).toHaveLength(0)
  })

  it.each([
    { resultCode: 'user_context_required', reason: 'sign-in', says: /Sign in to NinjaOne as a technician/ },
    { resultCode: 'insufficient_privileges', reason: 'permission', says: /right to create tickets/ },
  ])(
    'blocks a draft with cause and remedy when NinjaOne answers 403 $resultCode, and files it once unblocked',
    async ({ resultCode, reason, says }) => {
      await using world = await aFilingWorld()
      await world.sandbox.fail('POST /v2/ticketing/ticket', {
        kind: 'status',
        status: 403,
        body: { resultCode },
      })
      const life = await world.live()
      await counting(life)
      await world.until('blocked', isAt(life, 'blocked'))
      expect(draftOf(life).state).toMatchObject({
        at: 'blocked',
        reason,
        detail: expect.stringMatching(says) as string,
      })
      expect(life.outbox.blocked()).toMatchObject([
        { reason, count: 1, detail: expect.stringMatching(says) as string },
      ])
      await life.outbox.unblock()
      await world.until('filed', isAt(life, 'filed'))
      expect(ticketsOf(world)).toHaveLength(1)
      expect(life.outbox.blocked()).toEqual([])
    },
  )

  it('blocks a draft while nobody is signed in to NinjaOne', async () => {
    await using world = await aFilingWorld({ signedIn: false })
    const life = await world.live()
    await counting(life)
    await world.until('blocked', isAt(life, 'blocked'))
    expect(draftOf(life).state).toMatchObject({ reason: 'sign-in' })
    expect(ticketsOf(world)).toHaveLength(0)
  })
})

describe.concurrent('facts that come late', () => {
  const unknown: Partial<BoardCall> = { caller: { match: 'none' } }
  const identified: Partial<BoardCall> = {
    ...aCall(),
    remoteNumber: '+33240112233',
    remoteName: 'Thomas Girard',
  }
  const withoutNumber = (): Partial<BoardCall> => ({ ...unknown, remoteName: '' })

  it('fills late facts into an offered draft without stopping its countdown', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await offered(life, withoutNumber())
    await life.drafts.visible(AGENT, draftOf(life).draftId)
    await life.drafts.onCall({ ...call, ...identified, phase: 'done', revision: 3, recording: 'complete' })
    expect(draftOf(life)).toMatchObject({ state: { at: 'countdown' }, fields: { organizationId: '41', contactName: 'Thomas Girard' } }) // prettier-ignore
    await world.until('filed', isAt(life, 'filed'))
    expect(ticketsOf(world)[0]).toMatchObject({ clientId: 41 })
  })

  it('adds late facts to a filed ticket as one comment, never as a second ticket', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await offered(life, withoutNumber())
    await life.drafts.visible(AGENT, draftOf(life).draftId)
    await world.until('filed', isAt(life, 'filed'))
    const later: BoardCall = { ...call, ...identified, phase: 'done', revision: 3, recording: 'complete' }
    await life.drafts.onCall(later)
    await life.drafts.onCall(later)
    const facts = () => world.sandbox.comments().filter(({ entry }) => entry.body.includes('Précisions'))
    await world.until('commented', () => facts().length > 0)
    await world.pass(2 * MINUTE)
    expect(facts()).toHaveLength(1)
    expect(facts()[0]?.entry).toMatchObject({ publicEntry: false, files: [] })
    expect(facts()[0]?.entry.body).toContain('Appelant : Thomas Girard, Menuiserie Lambert')
    expect(ticketsOf(world)).toHaveLength(1)
  })

  it('overwrites no edit of the technician with late facts', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await offered(life, withoutNumber())
    const { draftId, revision } = draftOf(life)
    await life.drafts.edit(AGENT, draftId, revision, { contactName: 'Madame Lambert', organizationId: '42' })
    await life.drafts.onCall({ ...call, ...identified, phase: 'done', revision: 3, recording: 'complete' })
    expect(draftOf(life).fields).toMatchObject({ contactName: 'Madame Lambert', organizationId: '42' })
  })
})
