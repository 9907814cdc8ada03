import { describe, expect, it } from 'vitest'
import type { BoardCall, CallId, DraftState } from '@3cx-ninja/protocol'
import { aFilingWorld, type FilingWorld, type Life } from '../../testing/filingWorld.ts'
import { AGENT, CALL, aCall, aLine } from '../../testing/ticketBuilders.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const draftOf = (life: Life, callId: CallId = CALL) => {
  const draft = life.drafts.forAgent(AGENT).find((one) => one.callId === callId)
  if (!draft) throw new Error('no draft')
  return draft
}
const isAt = (life: Life, at: DraftState['at']) => () => draftOf(life).state.at === at

/** The call up to its end; its text is not there yet. */
async function hangUp(life: Life, change: Partial<BoardCall> = {}): Promise<BoardCall> {
  const ringing = aCall(change)
  const endedAtMs = ringing.startedAtMs + 94_000
  await life.drafts.onCall(ringing)
  await life.drafts.onCall({ ...ringing, revision: 2, phase: 'talking', recording: 'recording' })
  const done: BoardCall = { ...ringing, revision: 3, phase: 'done', recording: 'complete', endedAtMs }
  await life.drafts.onCall(done)
  return done
}
/** An offered draft whose card nobody has seen. */
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
  it('grows from ringing with the facts of the call, and with its words', async () => {
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

  it('raises its revision at every change, and reports each once', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    const revisions = life.reported.map(({ revision }) => revision)
    expect(revisions).toEqual(revisions.map((_, index) => index + 1))
  })

  it('waits for its text at hang-up, then is proposed', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await hangUp(life)
    expect(draftOf(life).state.at).toBe('collecting')
    await life.drafts.onTranscribed(call.callId)
    expect(draftOf(life)).toMatchObject({ state: { at: 'proposed' }, transcript: 'complete' })
  })

  it('is offered with the facts when no text comes in time, and the text follows into the draft', async () => {
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

  it('adds the text as one comment when it comes after the ticket, reported twice or not', async () => {
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

  it('[C8] of a call that was only presumed to be over grows on, and is offered at its true end with what was typed', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await hangUp(life, { presumedOverAtMs: 1 })
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

  it('[C8] of a call whose PC died is filed with what was heard so far, and the whole text follows if it comes after all', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const whole = world.lines
    world.lines = whole.slice(0, 2)
    const call = await hangUp(life, { presumedOverAtMs: 1 })
    await world.until('offered', isAt(life, 'proposed'))
    await decide(life, 'file')
    await world.until('commented', () => world.sandbox.comments().length > 0)
    expect(world.sandbox.comments()[0]?.entry.files[0]?.text).not.toContain('ça marche')
    // In doubt, the outbox looks for the whole text's mark: the part must not pass for it.
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
    '[C8] decided days ago still gets its whole text and late facts as comments, %s, and no second ticket',
    async (how) => {
      await using world = await aFilingWorld()
      const first = await world.live()
      const whole = world.lines
      world.lines = whole.slice(0, 2)
      const call = await hangUp(first, { presumedOverAtMs: 1 })
      await world.until('offered', isAt(first, 'proposed'))
      await decide(first, 'file')
      await world.until('commented', () => world.sandbox.comments().length > 0)
      await world.until('filed', isAt(first, 'filed'))
      if (how === 'across a restart') await first.stop()
      await world.pass(3 * DAY, DAY / 24)
      const life = first.isDead() ? await world.live() : first
      if (!first.isDead()) await offered(life, { callId: 'CALL-00000009' as CallId }) // the shelf is swept
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
      expect(life.drafts.forAgent(AGENT).some(({ callId }) => callId === CALL)).toBe(false)
      expect(world.events.filter(({ level }) => level === 'error')).toEqual([])
    },
  )

  it('[C8] is filed without a cut text when its agent reported the true end, though nothing else is new', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await hangUp(life, { presumedOverAtMs: 1 })
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

  it('is offered at once when nothing was recorded', async () => {
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

  it('[D2] files nothing that nobody saw', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await offered(life)
    await world.pass(30 * MINUTE, MINUTE)
    expect(draftOf(life).state.at).toBe('parked')
    expect(ticketsOf(world)).toHaveLength(0)
  })

  it('[D2] files what nobody saw where the settings say so', async () => {
    await using world = await aFilingWorld({ rules: { fileUnattended: true } })
    const life = await world.live()
    await offered(life)
    await world.until('filed', isAt(life, 'filed'))
    expect(ticketsOf(world)).toHaveLength(1)
  })

  it('[D2] counts down from the moment its card is visible, and holds at the end where the settings say so', async () => {
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

  it('stops its countdown at an edit, files the edited words, and keeps them against later text', async () => {
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

  it('refuses an edit that rests on an older revision, and gives the newer draft', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    const { draftId, revision } = draftOf(life)
    await life.drafts.edit(AGENT, draftId, revision, { title: 'Un' })
    const late = await life.drafts.edit(AGENT, draftId, revision, { title: 'Deux' })
    expect(late).toMatchObject({ ok: false, reason: 'stale-revision', draft: { fields: { title: 'Un' } } })
  })

  it('belongs to its agent alone', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    const { draftId, revision } = draftOf(life)
    const stranger = 'agent-stranger' as typeof AGENT
    expect(await life.drafts.decide(stranger, draftId, revision, { kind: 'file' })).toMatchObject({ reason: 'unknown-draft' }) // prettier-ignore
    expect(life.drafts.forAgent(stranger)).toEqual([])
  })

  it('[D2] stops its countdown when hub and agent lose each other, and begins again when the card is back', async () => {
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

  it('[D2] is still there after a restart of the hub, and does not count down before its card is seen again', async () => {
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

  it('[D5] can be taken back in the seconds after the decision, and not any more afterwards', async () => {
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

  it('is parked by the next call, and stays fileable', async () => {
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

  it('is parked when it was held for five minutes', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    await counting(life)
    await decide(life, 'hold')
    await world.pass(299 * SECOND, SECOND * 13)
    expect(draftOf(life).state.at).toBe('held')
    await world.until('parked', isAt(life, 'parked'), 10 * SECOND)
  })

  it('is discarded with a reason, files nothing, and no text brings it back', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await counting(life)
    const { draftId, revision } = draftOf(life)
    expect(await life.drafts.decide(AGENT, draftId, revision, { kind: 'discard', reason: 'private', note: 'famille' })).toEqual({ ok: true }) // prettier-ignore
    expect(life.reported.at(-1)?.state).toEqual({ at: 'discarded', reason: 'private', note: 'famille' })
    expect(life.drafts.forAgent(AGENT)).toEqual([])
    await life.drafts.onTranscribed(call.callId)
    await world.pass(10 * MINUTE, MINUTE)
    expect(ticketsOf(world)).toHaveLength(0)
  })

  it.each([
    { resultCode: 'user_context_required', reason: 'sign-in', says: /Sign in to NinjaOne as a technician/ },
    { resultCode: 'insufficient_privileges', reason: 'permission', says: /right to create tickets/ },
  ])(
    'is blocked with cause and remedy when NinjaOne answers 403 $resultCode, and goes on afterwards',
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

  it('is blocked when nobody is signed in, and filed once somebody is', async () => {
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

  it('fill a draft that is offered already, without stopping its countdown', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await offered(life, withoutNumber())
    await life.drafts.visible(AGENT, draftOf(life).draftId)
    await life.drafts.onCall({ ...call, ...identified, phase: 'done', revision: 3, recording: 'complete' })
    expect(draftOf(life)).toMatchObject({ state: { at: 'countdown' }, fields: { organizationId: '41', contactName: 'Thomas Girard' } }) // prettier-ignore
    await world.until('filed', isAt(life, 'filed'))
    expect(ticketsOf(world)[0]).toMatchObject({ clientId: 41 })
  })

  it('become a comment on the ticket that is filed, once, and never a second ticket', async () => {
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

  it('leave alone what the technician wrote', async () => {
    await using world = await aFilingWorld()
    const life = await world.live()
    const call = await offered(life, withoutNumber())
    const { draftId, revision } = draftOf(life)
    await life.drafts.edit(AGENT, draftId, revision, { contactName: 'Madame Lambert', organizationId: '42' })
    await life.drafts.onCall({ ...call, ...identified, phase: 'done', revision: 3, recording: 'complete' })
    expect(draftOf(life).fields).toMatchObject({ contactName: 'Madame Lambert', organizationId: '42' })
  })
})
