import { describe, expect, it } from 'vitest'
import { draftId, type AgentToHub, type Draft, type HubToAgent } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { shownFields, type DraftCard } from '../../src/main/drafts/draftBoard.ts'
import { createDraftController } from '../../src/main/drafts/draftController.ts'
import type { PendingChange } from '../../src/main/drafts/pendingChange.ts'
import { conflictsOf } from '../../src/main/drafts/changedFields.ts'
import { aDraft } from '../../testing/drafts.ts'

const ID = draftId.parse('draft-0001')
type Refusal = Extract<HubToAgent, { kind: 'draft-refused' }>['reason']

/** Returns the technician's drafts, with all messages to the hub. `at` is the state of the link at the beginning. */
function aDesk({ at = 'up', kept = [] as readonly PendingChange[], disk = 'good' } = {}) {
  const sent: AgentToHub[] = []
  const changes: DraftCard[] = []
  const failures: unknown[] = []
  const link = { up: at === 'up' }
  let stored: readonly PendingChange[] = kept
  const desk = createDraftController({
    clock: createFakeClock(),
    store: {
      all: () => stored,
      async keep(id, pending) {
        if (disk === 'full') throw new Error('ENOSPC')
        stored = [...stored.filter((each) => each.draft.draftId !== id), ...(pending ? [pending] : [])]
      },
    },
    send(message) {
      if (link.up) sent.push(message)
      return link.up
    },
    onChange: (card) => changes.push(card),
    onPendingChange: () => undefined,
    onSaveFailed: (cause) => failures.push(cause),
  })
  if (link.up) desk.linkUp()
  const isProbe = (message: AgentToHub) => message.kind === 'draft-edit' && message.baseRevision === 0
  return {
    ...desk,
    /** All messages except the probes for the state of a draft. */
    get sent() {
      return sent.filter((message) => !isProbe(message))
    },
    changes,
    failures,
    kept: () => stored,
    goAway() {
      link.up = false
      desk.linkDown()
    },
    /** Opens the link again, and lets the hub send the state of the draft. */
    comeBack(draft: Draft | undefined) {
      link.up = true
      desk.linkUp()
      if (draft) desk.received({ kind: 'draft', draft })
      if (!sent.some(isProbe)) return
      sent.splice(0, sent.length, ...sent.filter((message) => !isProbe(message)))
      const reason = draft ? ('stale-revision' as const) : ('unknown-draft' as const)
      desk.received({ kind: 'draft-refused', draftId: ID, reason, ...(draft ? { draft } : {}) })
    },
    hubSays: (draft: Draft) => desk.received({ kind: 'draft', draft }),
    hubRefuses: (reason: Refusal, draft?: Draft) =>
      desk.received({ kind: 'draft-refused', draftId: ID, reason, ...(draft && { draft }) }),
    card: () => desk.cards().find(({ draft }) => draft.draftId === ID)!,
    stage: () => desk.cards().find(({ draft }) => draft.draftId === ID)?.pending?.stage.at,
    sentKinds: () => sent.map(({ kind }) => kind),
    edits: () => sent.filter((message) => message.kind === 'draft-edit'),
    decisions: () =>
      sent.flatMap((message) => (message.kind === 'draft-decide' ? [message.decision.kind] : [])),
  }
}

describe('the drafts as the technician sees them', () => {
  it('[D1] a draft is the newest snapshot of the hub; a lower or equal revision changes nothing', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 3, fields: { title: 'Nouveau' } }))
    desk.hubSays(aDraft({ revision: 2, fields: { title: 'Ancien' } }))
    desk.hubSays(aDraft({ revision: 3, fields: { title: 'Autre' } }))
    expect(desk.card().draft.fields.title).toBe('Nouveau')
    expect(desk.changes).toHaveLength(1)
  })

  it('[D2] a visible draft is reported once, and again after each reconnect', () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    expect(desk.sent).toEqual([])
    desk.shown(ID, true)
    desk.shown(ID, true)
    desk.hubSays(aDraft({ revision: 2 }))
    expect(desk.sent).toEqual([{ kind: 'draft-visible', draftId: ID, revision: 1 }])
    desk.linkUp()
    desk.hubSays(aDraft({ revision: 2 })) // the hub sends its drafts again
    expect(desk.sent.slice(1)).toEqual([{ kind: 'draft-visible', draftId: ID, revision: 2 }])
  })

  it('[D2] a draft shown while the link was down is reported when the link opens', () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    desk.goAway()
    desk.shown(ID, true)
    desk.comeBack(aDraft())
    expect(desk.sentKinds()).toEqual(['draft-visible'])
  })

  it('[D2] a draft shown again is reported again, but not once it is decided', () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    desk.shown(ID, true)
    desk.shown(ID, false)
    desk.shown(ID, true)
    expect(desk.sentKinds()).toEqual(['draft-visible', 'draft-visible'])
    desk.hubSays(aDraft({ revision: 2, state: { at: 'filed', ticketId: '7', filedAtMs: 1_767_225_600_000 } }))
    desk.shown(ID, false)
    desk.shown(ID, true)
    expect(desk.sent).toHaveLength(2)
  })

  it('the last twenty decided drafts are kept, and every open one', () => {
    const desk = aDesk()
    for (let n = 0; n < 30; n++)
      desk.hubSays(
        aDraft({
          draftId: draftId.parse(`draft-1${String(n).padStart(3, '0')}`),
          state: { at: 'filed', ticketId: String(n), filedAtMs: n },
        }),
      )
    desk.hubSays(aDraft())
    expect(desk.cards()).toHaveLength(21)
    expect(desk.card()).toBeDefined()
  })
})

const held = (revision: number, fields: Partial<Draft['fields']> = {}) =>
  aDraft({ revision, state: { at: 'held' }, fields })

describe('an edit', () => {
  it('[D3] [D4] an edit is shown at once, sent with its base revision, and settled when a snapshot holds it', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    expect(await desk.edit(ID, { title: 'Écran noir' })).toBe('sent')
    expect(desk.sent).toEqual([
      { kind: 'draft-edit', draftId: ID, baseRevision: 4, changes: { title: 'Écran noir' } },
    ])
    expect(shownFields(desk.card()).title).toBe('Écran noir')
    expect(desk.card().draft.fields.title).toBe('Imprimante en panne')
    desk.hubSays(held(5, { title: 'Écran noir' }))
    expect(desk.card().pending).toBeUndefined()
    await Promise.resolve()
    expect(desk.kept()).toEqual([])
  })

  it('an edit typed while the first letters are in flight follows them, on the revision that they made', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.edit(ID, { title: 'É' })
    void desk.edit(ID, { title: 'Écran', priority: 'HIGH' })
    expect(desk.edits()).toHaveLength(1)
    desk.hubSays(held(2, { title: 'É' }))
    expect(desk.edits()).toHaveLength(2)
    expect(desk.edits()[1]).toMatchObject({ baseRevision: 2, changes: { title: 'Écran', priority: 'HIGH' } })
    expect(shownFields(desk.card()).title).toBe('Écran')
  })

  it('[D4] an edit on an older revision is applied to the newest one, with the words of both', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.edit(ID, { title: 'Écran noir' })
    desk.hubRefuses('stale-revision', aDraft({ revision: 2, fields: { priority: 'HIGH' } }))
    expect(desk.edits().at(-1)).toMatchObject({ baseRevision: 2, changes: { title: 'Écran noir' } })
    expect(shownFields(desk.card())).toMatchObject({ title: 'Écran noir', priority: 'HIGH' })
    expect(desk.card().refused).toBeUndefined()
  })

  it('[D4] an edit that loses three times against another writer of the field asks the technician, and is not lost', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.edit(ID, { title: 'Écran noir' })
    for (let revision = 2; revision < 10; revision++)
      desk.hubRefuses('stale-revision', aDraft({ revision, fields: { title: `Autre ${revision}` } }))
    expect(desk.edits()).toHaveLength(4)
    expect(desk.stage()).toBe('needs-answer')
    expect(desk.card().pending?.changes.title).toBe('Écran noir')
  })

  it('[D4] an edit that came too late is shown as refused, with its words, until the technician has seen it', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.edit(ID, { title: 'Écran noir' })
    const filed = aDraft({ revision: 2, state: { at: 'filed', ticketId: '7', filedAtMs: 1_767_225_600_000 } })
    desk.hubRefuses('too-late', filed)
    expect(desk.card()).toMatchObject({
      draft: { state: { at: 'filed' } },
      pending: { stage: { at: 'undelivered', why: 'too-late' }, changes: { title: 'Écran noir' } },
    })
    expect(shownFields(desk.card()).title).toBe('Imprimante en panne')
    await desk.answer(ID, { kind: 'undelivered' })
    expect([desk.card().pending, desk.kept()]).toEqual([undefined, []])
  })

  it('an edit in flight when the link ended is sent again, once, on the next revision of the hub', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.edit(ID, { title: 'Écran noir' })
    desk.goAway()
    desk.comeBack(aDraft({ revision: 1 }))
    desk.hubSays(aDraft({ revision: 1 }))
    expect(desk.edits()).toHaveLength(2)
    expect(desk.edits().at(-1)).toMatchObject({ baseRevision: 1, changes: { title: 'Écran noir' } })
  })

  it('an edit that did arrive before the link ended is not sent again', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.edit(ID, { title: 'Écran noir' })
    desk.goAway()
    desk.comeBack(held(2, { title: 'Écran noir' }))
    expect(desk.edits()).toHaveLength(1)
    expect(desk.card().pending).toBeUndefined()
  })

  it('an edit of an unknown draft is refused with its reason', async () => {
    expect(await aDesk().edit(ID, { title: 'x' })).toBe('unknown-draft')
  })
})

describe('a decision', () => {
  it('[D3] a decision is sent with the revision on the screen; a refusal is shown until the next snapshot', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 3 }))
    expect(await desk.decide(ID, { kind: 'file' })).toBe('sent')
    expect(desk.sent).toEqual([
      { kind: 'draft-decide', draftId: ID, baseRevision: 3, decision: { kind: 'file' } },
    ])
    desk.hubRefuses('not-now')
    expect(desk.card()).toMatchObject({ refused: 'not-now' })
    expect(desk.card().pending).toBeUndefined()
    desk.hubSays(aDraft({ revision: 4 }))
    expect(desk.card().refused).toBeUndefined()
  })

  it('a decision waits for the words typed before it: a ticket is never filed without them', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.edit(ID, { title: 'Écran noir' })
    void desk.decide(ID, { kind: 'file' })
    expect(desk.decisions()).toEqual([])
    desk.hubRefuses('stale-revision', aDraft({ revision: 2 }))
    expect(desk.decisions()).toEqual([])
    desk.hubSays(held(3, { title: 'Écran noir' }))
    expect(desk.decisions()).toEqual(['file'])
    desk.hubSays(
      aDraft({ revision: 4, state: { at: 'filing', undoUntilMs: 1_767_225_600_000, undoRemainingMs: 1 } }),
    )
    expect(desk.card().pending).toBeUndefined()
  })

  it('a decision in flight delays no edit, and its refusal is not applied to the edit', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    void desk.decide(ID, { kind: 'hold' })
    void desk.edit(ID, { title: 'Écran noir' })
    expect(desk.edits()).toMatchObject([{ baseRevision: 1, changes: { title: 'Écran noir' } }])
    desk.hubRefuses('not-now', aDraft({ revision: 1 }))
    expect(desk.card()).toMatchObject({ refused: 'not-now', pending: { stage: { at: 'sending' } } })
    desk.hubSays(held(2, { title: 'Écran noir' }))
    expect(desk.card().pending).toBeUndefined()
    expect(desk.decisions()).toEqual(['hold'])
  })

  it('a decision that is already done is not sent, on whichever side it was done', () => {
    const desk = aDesk()
    desk.hubSays(
      aDraft({ revision: 1, state: { at: 'filing', undoUntilMs: 1_767_225_600_000, undoRemainingMs: 1 } }),
    )
    void desk.decide(ID, { kind: 'file' })
    expect([desk.decisions(), desk.card().pending]).toEqual([[], undefined])
  })
})

describe('what a technician does while the hub is away', () => {
  it('a pending change is kept on this PC, shown, and sent in order when the hub is back: words first, then the decision', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    desk.goAway()
    expect(await desk.edit(ID, { title: 'Écran noir' })).toBe('kept')
    expect(await desk.decide(ID, { kind: 'file' })).toBe('kept')
    expect(desk.sent).toEqual([])
    expect(shownFields(desk.card()).title).toBe('Écran noir')
    expect(desk.kept()).toMatchObject([{ changes: { title: 'Écran noir' } }])
    desk.comeBack(aDraft({ revision: 5 })) // the countdown had stopped
    expect(desk.sent).toEqual([
      { kind: 'draft-edit', draftId: ID, baseRevision: 5, changes: { title: 'Écran noir' } },
    ])
    desk.hubSays(held(6, { title: 'Écran noir' }))
    expect(desk.decisions()).toEqual(['file'])
    desk.hubSays(
      aDraft({ revision: 7, state: { at: 'filing', undoUntilMs: 1_767_225_600_000, undoRemainingMs: 1 } }),
    )
    await Promise.resolve()
    expect(desk.kept()).toEqual([])
  })

  it('a pending change survives the end of the agent: the next one shows the card and sends the edit', async () => {
    const before = aDesk()
    before.hubSays(aDraft({ revision: 4 }))
    before.goAway()
    await before.edit(ID, { title: 'Écran noir' })
    const desk = aDesk({ at: 'down', kept: before.kept() })
    expect(shownFields(desk.card()).title).toBe('Écran noir')
    expect(desk.card().pending?.stage.at).toBe('waiting')
    desk.comeBack(aDraft({ revision: 4 }))
    expect(desk.edits()).toMatchObject([{ baseRevision: 4, changes: { title: 'Écran noir' } }])
  })

  it('a pending change interrupted while it was sent is probed and sent again, never twice', async () => {
    const before = aDesk()
    before.hubSays(aDraft({ revision: 4 }))
    await before.decide(ID, { kind: 'file' })
    const filed = aDraft({ revision: 6, state: { at: 'filed', ticketId: '7', filedAtMs: 1_767_225_600_000 } })
    const desk = aDesk({ at: 'down', kept: before.kept() })
    desk.comeBack(filed)
    expect([desk.decisions(), desk.card().pending]).toEqual([[], undefined])
  })

  it('a pending change wins where the hub kept the field, and asks the technician where the hub changed it', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    desk.goAway()
    await desk.edit(ID, { title: 'Écran noir', description: 'Mes mots' })
    await desk.decide(ID, { kind: 'file' })
    const moved = { description: 'Les mots du hub', category: 'other' }
    desk.comeBack(aDraft({ revision: 8, fields: moved }))
    expect(desk.edits().map(({ changes }) => changes)).toEqual([{ title: 'Écran noir' }])
    desk.hubSays(held(9, { ...moved, title: 'Écran noir' }))
    expect(desk.stage()).toBe('needs-answer')
    expect(conflictsOf(desk.card().pending!, desk.card().draft)).toEqual(['description'])
    expect(desk.decisions()).toEqual([])
    await desk.answer(ID, { kind: 'field', field: 'description', resolution: 'mine' })
    expect(desk.edits().at(-1)).toMatchObject({ baseRevision: 9, changes: { description: 'Mes mots' } })
    desk.hubSays(held(10, { ...moved, title: 'Écran noir', description: 'Mes mots' }))
    expect(desk.stage()).toBe('needs-answer') // the draft is not the one that was decided on
    expect(desk.decisions()).toEqual([])
    await desk.answer(ID, { kind: 'decision', resolution: 'again' })
    expect(desk.decisions()).toEqual(['file'])
  })

  it('a pending change yields to the hub’s words when the technician chooses them', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    desk.goAway()
    await desk.edit(ID, { title: 'Mien' })
    desk.comeBack(held(8, { title: 'Du hub' }))
    await desk.answer(ID, { kind: 'field', field: 'title', resolution: 'hub' })
    expect([desk.edits(), desk.card().pending, desk.kept()]).toEqual([[], undefined, []])
  })

  it('a pending change has no conflict when the hub adds the id of a typed name', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    desk.goAway()
    await desk.edit(ID, { contactName: 'Thomas Girard', contactId: null })
    desk.comeBack(held(8, { contactName: 'Thomas Girard', contactId: 'u-7' }))
    expect([desk.edits(), desk.card().pending]).toEqual([[], undefined])
  })

  it.each([
    ['parked', aDraft({ revision: 9, state: { at: 'parked' } })],
    ['held', held(9)],
    ['rewritten', aDraft({ revision: 9, fields: { description: 'Autre chose' } })],
    ['blocked', aDraft({ revision: 9, state: { at: 'blocked', reason: 'rejected', detail: 'no' } })],
  ])(
    'a pending decision never files a draft that was %s since: the technician decides again',
    async (_how, now) => {
      const desk = aDesk()
      desk.hubSays(aDraft({ revision: 4 }))
      desk.goAway()
      await desk.decide(ID, { kind: 'file' })
      desk.comeBack(now)
      expect([desk.decisions(), desk.stage()]).toEqual([[], 'needs-answer'])
      await desk.answer(ID, { kind: 'decision', resolution: 'drop' })
      expect([desk.decisions(), desk.card().pending, desk.kept()]).toEqual([[], undefined, []])
    },
  )

  it('a pending decision files a parked draft that did not change since', async () => {
    const parked = aDraft({ revision: 4, state: { at: 'parked' } })
    const desk = aDesk()
    desk.hubSays(parked)
    desk.goAway()
    await desk.decide(ID, { kind: 'file' })
    desk.comeBack(parked)
    expect(desk.decisions()).toEqual(['file'])
  })

  it('a pending hold applies whatever happened since, and is reported as too late when the ticket was filed', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    desk.goAway()
    await desk.decide(ID, { kind: 'hold' })
    const filing = { at: 'filing', undoUntilMs: 1_767_225_600_000, undoRemainingMs: 1 } as const
    desk.comeBack(aDraft({ revision: 9, state: filing }))
    expect(desk.decisions()).toEqual(['hold'])
    desk.hubRefuses('too-late', aDraft({ revision: 9, state: filing }))
    expect(desk.stage()).toBe('undelivered')
  })

  it('a pending change is reported as refused when the ticket was filed or the hub no longer has the draft', async () => {
    for (const now of [
      aDraft({ revision: 9, state: { at: 'filed', ticketId: '7', filedAtMs: 1_767_225_600_000 } }),
      undefined,
    ]) {
      const desk = aDesk()
      desk.hubSays(aDraft({ revision: 4 }))
      desk.goAway()
      await desk.edit(ID, { title: 'Mien' })
      desk.comeBack(now)
      expect(desk.stage()).toBe('undelivered')
      expect(desk.edits()).toEqual([])
      await Promise.resolve()
      expect(desk.kept()).toMatchObject([{ changes: { title: 'Mien' } }])
    }
  })

  it('[D2] a pending change lets no countdown begin before the hub has its words, and holds the draft while it asks', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    desk.shown(ID, true)
    desk.goAway()
    await desk.edit(ID, { title: 'Mien' })
    const before = desk.sent.length
    const countdown = { at: 'countdown', deadlineMs: 1_767_225_600_000, remainingMs: 1, totalMs: 1 } as const
    desk.comeBack(aDraft({ revision: 9, state: countdown, fields: { title: 'Du hub' } }))
    expect(desk.sent.slice(before).map(({ kind }) => kind)).toEqual(['draft-decide'])
    expect(desk.decisions()).toEqual(['hold'])
    desk.hubSays(held(10, { title: 'Du hub' }))
    await desk.answer(ID, { kind: 'field', field: 'title', resolution: 'hub' })
    expect(desk.sentKinds().at(-1)).toBe('draft-visible')
  })

  it('a pending change can be withdrawn before the hub is back', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    desk.goAway()
    await desk.decide(ID, { kind: 'file' })
    await desk.answer(ID, { kind: 'decision', resolution: 'drop' })
    expect(desk.kept()).toEqual([])
    desk.comeBack(aDraft({ revision: 4 }))
    expect(desk.decisions()).toEqual([])
  })

  it('a pending change cannot be an undo or a resume: they mean nothing later', async () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    desk.goAway()
    expect(await desk.decide(ID, { kind: 'undo' })).toBe('hub-away')
    expect(await desk.decide(ID, { kind: 'resume' })).toBe('hub-away')
    expect(await desk.decide(draftId.parse('draft-9999'), { kind: 'file' })).toBe('unknown-draft')
  })

  it('a pending change is not reported as kept when the disk is full, and still sent when the hub is back', async () => {
    const away = aDesk({ disk: 'full' })
    away.hubSays(aDraft())
    away.goAway()
    expect(await away.edit(ID, { title: 'x' })).toBe('hub-away')
    expect(away.failures).toHaveLength(1)
    const desk = aDesk({ disk: 'full' })
    desk.hubSays(aDraft())
    expect(await desk.edit(ID, { title: 'x' })).toBe('sent')
    expect(desk.edits()).toHaveLength(1)
  })
})

it('[D8] takes ten thousand drafts, the newest first, and keeps all that are open with the newest decided ones', () => {
  const desk = aDesk()
  const draft = (number: number, state: Draft['state']) =>
    aDraft({
      draftId: draftId.parse(`draft-${number.toFixed(0).padStart(8, '0')}`),
      createdAtMs: number,
      state,
    })
  for (let number = 10_000; number > 0; number -= 1)
    desk.received({ kind: 'draft', draft: draft(number, { at: 'parked' }) })
  for (let number = 10_040; number > 10_000; number -= 1)
    desk.received({
      kind: 'draft',
      draft: draft(number, { at: 'filed', ticketId: number.toFixed(0), filedAtMs: number }),
    })
  const cards = desk.cards()
  expect(cards.filter((card) => card.draft.state.at === 'parked')).toHaveLength(10_000)
  const filed = cards.filter((card) => card.draft.state.at === 'filed').map((card) => card.draft.createdAtMs)
  expect([Math.min(...filed), Math.max(...filed), filed.length]).toEqual([10_021, 10_040, 20])
})
