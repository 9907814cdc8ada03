import { MINUTE_MS, type Draft } from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import { fieldsOf } from '../../agent/src/main/drafts/changedFields.ts'
import { aFilingWorld, type FilingWorld, type Life } from '../../hub/testing/filingWorld.ts'
import { AGENT, CALL, aCall, aLine } from '../../hub/testing/ticketBuilders.ts'
import { createSeededRandom } from '../../protocol/testing/stormyNetwork.ts'
import { createChangePair } from './changePair.ts'

/** Returns an ended call whose draft is proposed and seen by the agent. */
async function anOfferedDraft(world: FilingWorld) {
  const life = await world.live()
  const call = aCall()
  const endedAtMs = call.startedAtMs + 94_000
  await life.drafts.onCall(call)
  await life.drafts.onCall({ ...call, revision: 2, phase: 'done', recording: 'complete', endedAtMs })
  await life.drafts.onTranscribed(CALL)
  const pair = createChangePair(world, life)
  pair.connect()
  await pair.settle()
  const { draftId } = draftOf(life)
  return { life, pair, draftId, card: () => pair.card(draftId)! }
}
const draftOf = (life: Life): Draft => [...life.drafts.forAgent(AGENT)].find(({ callId }) => callId === CALL)!

describe('changes over a line that breaks, to a real hub', () => {
  it('[D7] an edit without changes on revision 0 asks how a draft stands, decided or not, and changes nothing', async () => {
    await using world = await aFilingWorld()
    const { life, draftId } = await anOfferedDraft(world)
    const before = draftOf(life)
    expect(await life.drafts.edit(AGENT, draftId, 0, {})).toMatchObject({
      reason: 'stale-revision',
      draft: { revision: before.revision, state: before.state },
    })
    await life.drafts.decide(AGENT, draftId, before.revision, { kind: 'discard', reason: 'private' })
    expect(await life.drafts.edit(AGENT, draftId, 0, {})).toMatchObject({
      reason: 'stale-revision',
      draft: { state: { at: 'discarded' } },
    })
    await life.stop()
  })

  it('[D7] an edit and a decision made during an outage become one ticket with those words, also after a kill -9', async () => {
    await using world = await aFilingWorld()
    const { life, pair, draftId } = await anOfferedDraft(world)
    pair.cut()
    expect(await pair.desk.edit(draftId, { title: 'Écran noir' })).toBe('kept')
    expect(await pair.desk.decide(draftId, { kind: 'file' })).toBe('kept')
    pair.restart()
    pair.connect()
    await pair.settle()
    await world.until('the ticket', () => draftOf(life).state.at === 'filed')
    await pair.settle()
    expect(world.sandbox.held.tickets.map(({ subject }) => subject)).toEqual(['Écran noir'])
    expect(pair.kept()).toEqual([])
    await life.stop()
  })

  it('[D7] a decision to file does not file a draft that the hub has parked since', async () => {
    await using world = await aFilingWorld()
    const { life, pair, draftId, card } = await anOfferedDraft(world)
    pair.cut()
    await pair.desk.decide(draftId, { kind: 'file' })
    await world.until('parked', () => draftOf(life).state.at === 'parked', 10 * MINUTE_MS)
    await world.pass(60 * MINUTE_MS, MINUTE_MS)
    pair.connect()
    await pair.settle()
    expect(card().pending).toMatchObject({
      stage: { at: 'needs-answer' },
      choice: { needsConfirmation: true },
    })
    await world.pass(10 * MINUTE_MS, MINUTE_MS)
    expect([draftOf(life).state.at, world.sandbox.held.tickets]).toEqual(['parked', []])
    await pair.desk.answer(draftId, { kind: 'decision', resolution: 'again' })
    await pair.settle()
    await world.until('the ticket', () => draftOf(life).state.at === 'filed')
    expect(world.sandbox.held.tickets).toHaveLength(1)
    await life.stop()
  })

  const SEEDS = [1, 2, 3, 4, Math.floor(Math.random() * 1e9)]
  it.each(SEEDS)('no edit is lost and no ticket is filed twice, whatever breaks (seed %i)', async (seed) => {
    await using world = await aFilingWorld({ rules: { onCountdownEnd: 'hold' } })
    const { life, pair, draftId, card } = await anOfferedDraft(world)
    const random = createSeededRandom(seed)
    const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)]!
    const typed = new Map<'title' | 'description' | 'category', string>()
    let words = 0
    for (let step = 0; step < 30; step++) {
      // A fresh agent without its hub has only its stored pending changes of a draft.
      const known = pair.card(draftId)
      const isOver = !known || ['filed', 'discarded'].includes(known.draft.state.at)
      const what = pick([
        'type',
        'type',
        'type',
        'cut',
        'connect',
        'kill',
        'wait',
        'text',
        'hold',
        'answer',
      ] as const)
      if (what === 'type' && !isOver) {
        const field = pick(['title', 'description', 'category'] as const)
        words += 1
        typed.set(field, `${field} ${words}`)
        void pair.desk.edit(draftId, { [field]: `${field} ${words}` })
      }
      if (what === 'cut') pair.cut()
      if (what === 'connect') pair.connect()
      if (what === 'kill') {
        await Promise.resolve()
        pair.restart()
      }
      if (what === 'wait') await world.pass(pick([100, 20_000, 6 * MINUTE_MS]), 5_000)
      if (what === 'text') {
        world.lines = [
          aLine('caller', pick(['C’est urgent.', 'Mon écran est noir.', 'Le réseau est en panne.'])),
        ]
        await life.drafts.onCall({
          ...aCall(),
          revision: 10 + step,
          phase: 'done',
          remoteName: `Nom ${step}`,
        })
      }
      if (what === 'hold' && known) void pair.desk.decide(draftId, { kind: 'hold' })
      if (what === 'answer' && known?.pending?.stage.at === 'needs-answer')
        for (const field of fieldsOf(known.pending.changes))
          void pair.desk.answer(draftId, { kind: 'field', field, resolution: 'mine' })
      if (random() < 0.5) await pair.settle()
    }
    pair.connect()
    await pair.settle()
    void pair.desk.decide(draftId, { kind: 'file' })
    await pair.settle()
    for (let round = 0; round < 10 && card().pending; round++) {
      const { pending } = card()
      for (const field of fieldsOf(pending?.changes ?? {}))
        void pair.desk.answer(draftId, { kind: 'field', field, resolution: 'mine' })
      void pair.desk.answer(draftId, { kind: 'decision', resolution: 'again' })
      await pair.settle()
    }
    await world.until('the ticket', () => draftOf(life).state.at === 'filed')
    await pair.settle()
    expect(world.sandbox.held.tickets).toHaveLength(1)
    const { fields } = draftOf(life)
    for (const [field, value] of typed) expect(fields[field], `seed ${seed}`).toBe(value)
    expect(pair.kept()).toEqual([])
    await life.stop()
  })
})
