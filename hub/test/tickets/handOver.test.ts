import { describe, expect, it } from 'vitest'
import type { AgentId, BoardCall, CallId, Draft } from '@3cx-ninja/protocol'
import { aFilingWorld, type FilingWorld, type Life } from '../../testing/filingWorld.ts'
import { AGENT, CALL, aCall, aLine } from '../../testing/ticketBuilders.ts'

const BOB = 'agent-bob' as AgentId
const HIS_CALL = 'CALL-OF-BOB-1' as CallId
const SECOND = 1_000
const of = (life: Life, agentId: AgentId): readonly Draft[] => [...life.drafts.forAgent(agentId)]
const lastOf = (life: Life, callId: CallId) => life.reported.filter((one) => one.callId === callId).at(-1)

/** Returns Camille's call at this point, which ends when she puts the caller through to Bob. */
const hers = (change: Partial<BoardCall> = {}) =>
  aCall({ phase: 'talking', recording: 'recording', revision: 2, ...change })
const hersOver = (change: Partial<BoardCall> = {}) =>
  hers({ phase: 'done', revision: 3, recording: 'complete', endedAtMs: hers().startedAtMs + 60_000, continuedBy: HIS_CALL, ...change }) // prettier-ignore
const his = (change: Partial<BoardCall> = {}) =>
  hers({
    ...{ callId: HIS_CALL, agentId: BOB, agentName: 'Bob', extension: '202', continues: [CALL] },
    ...{ startedAtMs: hers().startedAtMs + 62_000 },
    ...change,
  })
const hisOver = () =>
  his({ phase: 'done', revision: 3, recording: 'complete', endedAtMs: hers().startedAtMs + 120_000 })

function said(world: FilingWorld): void {
  world.linesOf.set(CALL, [
    aLine('agent', 'Bonjour, Camille à l’appareil.', 5),
    aLine('caller', 'Bonjour, l’imprimante de l’accueil ne répond plus.', 8),
    aLine('agent', 'Je vous passe mon collègue.', 50),
  ])
  world.linesOf.set(HIS_CALL, [
    aLine('agent', 'Bonjour, ici le second technicien.', 65),
    aLine('caller', 'Ça marche de nouveau, merci.', 100),
  ])
}
/** Plays the transfer: Bob talks, and the PBX has reported that his call continues Camille's. */
async function putThrough(life: Life): Promise<void> {
  await life.drafts.onCall(hers())
  await life.drafts.onCall(his({ continues: undefined as never }))
  await life.drafts.onCall(hersOver())
  await life.drafts.onCall(his())
}
const draftOf = (life: Life, agentId: AgentId) => of(life, agentId)[0] ?? expect.fail('no draft')

describe.concurrent('[C11] the draft of a call that goes from one technician to another', () => {
  it('is that of the technician who talks last, and files one ticket with all that was said, in order', async () => {
    await using world = await aFilingWorld()
    said(world)
    const life = await world.live()
    await putThrough(life)
    expect(of(life, AGENT)).toEqual([])
    expect(lastOf(life, CALL)?.state).toMatchObject({ at: 'discarded', reason: 'duplicate', note: expect.stringContaining('Bob') as string }) // prettier-ignore
    await life.drafts.onCall(hisOver())
    await life.drafts.onTranscribed(CALL)
    await life.drafts.onTranscribed(HIS_CALL)
    await world.until('Bob’s draft is offered', () => draftOf(life, BOB).state.at === 'proposed')
    const { draftId, revision, transcript } = draftOf(life, BOB)
    expect(transcript).toBe('complete')
    await life.drafts.decide(BOB, draftId, revision, { kind: 'file' })
    await world.until('filed', () => draftOf(life, BOB).state.at === 'filed')
    await world.until('commented', () => world.sandbox.comments().length > 0)
    expect(world.sandbox.held.tickets).toHaveLength(1)
    const text = JSON.stringify(world.sandbox.comments())
    const order = [
      'Camille : Bonjour, Camille',
      'l’imprimante',
      'Je vous passe',
      'Bob : Bonjour, ici',
      'Ça marche',
    ]
    const positions = order.map((line) => text.indexOf(line))
    expect(positions).not.toContain(-1)
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
  })

  it('waits for the text of both, whichever comes first', async () => {
    for (const [first, second] of [
      [CALL, HIS_CALL],
      [HIS_CALL, CALL],
    ] as const) {
      // prettier-ignore
      await using world = await aFilingWorld()
      said(world)
      const life = await world.live()
      await putThrough(life)
      await life.drafts.onCall(hisOver())
      await life.drafts.onTranscribed(first)
      await world.pass(SECOND)
      expect(draftOf(life, BOB).state.at).toBe('collecting')
      await life.drafts.onTranscribed(second)
      await world.until('offered', () => draftOf(life, BOB).state.at === 'proposed')
      expect(draftOf(life, BOB).transcript).toBe('complete')
    }
  })

  it('is offered without the text of the first technician in time, and gets it once it comes', async () => {
    await using world = await aFilingWorld()
    said(world)
    const life = await world.live()
    await putThrough(life)
    await life.drafts.onCall(hisOver())
    await life.drafts.onTranscribed(HIS_CALL)
    await world.until('offered late', () => draftOf(life, BOB).state.at === 'proposed')
    expect(draftOf(life, BOB).transcript).toBe('late')
    await life.drafts.onTranscribed(CALL)
    await world.until('complete', () => draftOf(life, BOB).transcript === 'complete')
  })

  it('keeps what the first technician had typed', async () => {
    await using world = await aFilingWorld()
    said(world)
    const life = await world.live()
    await life.drafts.onCall(hers())
    const { draftId, revision } = draftOf(life, AGENT)
    await life.drafts.edit(AGENT, draftId, revision, { title: 'Imprimante de l’accueil' })
    await life.drafts.onCall(hersOver())
    await life.drafts.onCall(his())
    expect(draftOf(life, BOB).fields.title).toBe('Imprimante de l’accueil')
    const refused = await life.drafts.edit(AGENT, draftId, 99, { title: 'Trop tard' })
    expect(refused).toMatchObject({ ok: false })
  })

  it('leaves a draft alone that was decided before the transfer: both are filed', async () => {
    await using world = await aFilingWorld()
    said(world)
    const life = await world.live()
    await life.drafts.onCall(hersOver())
    await life.drafts.onTranscribed(CALL)
    const { draftId, revision } = draftOf(life, AGENT)
    await life.drafts.decide(AGENT, draftId, revision, { kind: 'file' })
    await life.drafts.onCall(his())
    await life.drafts.onCall(hisOver())
    await life.drafts.onTranscribed(HIS_CALL)
    expect(draftOf(life, BOB).state.at).toBe('proposed')
    expect(draftOf(life, BOB).fields.description).not.toContain('imprimante')
    await world.until('hers is filed', () => draftOf(life, AGENT).state.at === 'filed')
  })

  it('takes the draft of a first technician whose PC reports only afterwards', async () => {
    await using world = await aFilingWorld()
    said(world)
    const life = await world.live()
    await life.drafts.onCall(his())
    await life.drafts.onCall(hersOver())
    await world.until('handed over', () => lastOf(life, CALL)?.state.at === 'discarded')
    expect(of(life, AGENT)).toEqual([])
  })

  it('loses the words of the first recording when that is erased', async () => {
    await using world = await aFilingWorld()
    said(world)
    const life = await world.live()
    await putThrough(life)
    await life.drafts.onCall(hisOver())
    await life.drafts.onTranscribed(CALL)
    await life.drafts.onTranscribed(HIS_CALL)
    await world.until('offered', () => draftOf(life, BOB).state.at === 'proposed')
    expect(JSON.stringify(draftOf(life, BOB))).toContain('imprimante')
    world.linesOf.set(CALL, [])
    await life.drafts.onErased(CALL)
    await world.until('erased', () => !JSON.stringify(draftOf(life, BOB)).includes('imprimante'))
  })

  it('goes on after a restart of the hub', async () => {
    await using world = await aFilingWorld()
    said(world)
    const first = await world.live()
    await putThrough(first)
    await first.stop()
    const life = await world.live()
    expect(of(life, AGENT)).toEqual([])
    await life.drafts.onCall(hisOver())
    await life.drafts.onTranscribed(CALL)
    await life.drafts.onTranscribed(HIS_CALL)
    await world.until('offered', () => draftOf(life, BOB).state.at === 'proposed')
    expect(draftOf(life, BOB).transcript).toBe('complete')
  })
})
