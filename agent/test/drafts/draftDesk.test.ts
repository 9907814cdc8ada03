import { describe, expect, it } from 'vitest'
import { draftId, type AgentToHub, type Draft, type HubToAgent } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { shownFields, type DraftCard } from '../../src/main/drafts/draftBoard.ts'
import { createDraftDesk } from '../../src/main/drafts/draftDesk.ts'
import { aDraft } from '../../testing/drafts.ts'

const ID = draftId.parse('draft-0001')
type Refusal = Extract<HubToAgent, { kind: 'draft-refused' }>['reason']

/** The technician's desk; what it sends to the hub is kept, and the link can be away. */
function aDesk() {
  const sent: AgentToHub[] = []
  const changes: DraftCard[] = []
  const link = { up: true }
  const desk = createDraftDesk({
    clock: createFakeClock(),
    send(message) {
      if (link.up) sent.push(message)
      return link.up
    },
    onChange: (card) => changes.push(card),
  })
  return {
    ...desk,
    sent,
    changes,
    link,
    hubSays: (draft: Draft) => desk.received({ kind: 'draft', draft }),
    hubRefuses: (reason: Refusal, draft?: Draft) =>
      desk.received({ kind: 'draft-refused', draftId: ID, reason, ...(draft && { draft }) }),
    card: () => desk.cards().find(({ draft }) => draft.draftId === ID)!,
    sentKinds: () => sent.map(({ kind }) => kind),
    edits: () => sent.filter((message) => message.kind === 'draft-edit'),
  }
}

describe('the drafts as the technician sees them', () => {
  it('[D1] are the newest snapshot of the hub; a lower or equal revision changes nothing', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 3, fields: { title: 'Nouveau' } }))
    desk.hubSays(aDraft({ revision: 2, fields: { title: 'Ancien' } }))
    desk.hubSays(aDraft({ revision: 3, fields: { title: 'Autre' } }))
    expect(desk.card().draft.fields.title).toBe('Nouveau')
    expect(desk.changes).toHaveLength(1)
  })

  it('[D2] are reported once when they come on the screen, and anew after each reconnect', () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    expect(desk.sent).toEqual([])
    desk.shown(ID, true)
    desk.shown(ID, true)
    desk.hubSays(aDraft({ revision: 2 }))
    expect(desk.sent).toEqual([{ kind: 'draft-visible', draftId: ID, revision: 1 }])
    desk.linkUp()
    desk.hubSays(aDraft({ revision: 2 })) // the hub sends again what it has
    expect(desk.sent.slice(1)).toEqual([{ kind: 'draft-visible', draftId: ID, revision: 2 }])
  })

  it('[D2] are reported when the link comes, if they came on the screen while it was away', () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    desk.link.up = false
    desk.shown(ID, true)
    desk.link.up = true
    desk.linkUp()
    desk.hubSays(aDraft())
    expect(desk.sentKinds()).toEqual(['draft-visible'])
  })

  it('[D2] are reported again when they come back on the screen, but not once they are decided', () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    desk.shown(ID, true)
    desk.shown(ID, false)
    desk.shown(ID, true)
    expect(desk.sentKinds()).toEqual(['draft-visible', 'draft-visible'])
    desk.hubSays(aDraft({ revision: 2, state: { at: 'filed', ticketId: 7, filedAtMs: 0 } }))
    desk.shown(ID, false)
    desk.shown(ID, true)
    expect(desk.sent).toHaveLength(2)
  })

  it('keep the last twenty decided ones, and every open one', () => {
    const desk = aDesk()
    for (let n = 0; n < 30; n++)
      desk.hubSays(
        aDraft({
          draftId: draftId.parse(`draft-1${String(n).padStart(3, '0')}`),
          state: { at: 'filed', ticketId: n, filedAtMs: n },
        }),
      )
    desk.hubSays(aDraft())
    expect(desk.cards()).toHaveLength(21)
    expect(desk.card()).toBeDefined()
  })
})

describe('an edit', () => {
  it('[D3] [D4] is shown at once, sent with the revision it was made on, and done when a snapshot holds it', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 4 }))
    expect(desk.edit(ID, { title: 'Écran noir' })).toBe('sent')
    expect(desk.sent).toEqual([
      { kind: 'draft-edit', draftId: ID, baseRevision: 4, changes: { title: 'Écran noir' } },
    ])
    expect(shownFields(desk.card()).title).toBe('Écran noir')
    expect(desk.card().draft.fields.title).toBe('Imprimante en panne')
    desk.hubSays(aDraft({ revision: 5, fields: { title: 'Écran noir' } }))
    expect(desk.card().pending).toBeUndefined()
  })

  it('[D4] on an older revision is put on the newest one, with the words of both', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    desk.edit(ID, { title: 'Écran noir' })
    desk.hubRefuses('stale-revision', aDraft({ revision: 2, fields: { priority: 'HIGH' } }))
    expect(desk.edits().at(-1)).toMatchObject({ baseRevision: 2, changes: { title: 'Écran noir' } })
    expect(shownFields(desk.card())).toMatchObject({ title: 'Écran noir', priority: 'HIGH' })
    expect(desk.card().refused).toBeUndefined()
  })

  it('[D4] is left to the technician after three turns against somebody who types into the same draft', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    desk.edit(ID, { title: 'Écran noir' })
    for (let revision = 2; revision < 10; revision++)
      desk.hubRefuses('stale-revision', aDraft({ revision, fields: { title: `Autre ${revision}` } }))
    expect(desk.edits()).toHaveLength(4)
    expect(desk.card().refused).toBe('stale-revision')
    expect(shownFields(desk.card()).title).toBe('Autre 9')
  })

  it('[D4] that came too late is shown as refused, with the draft as it stands', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    desk.edit(ID, { title: 'Écran noir' })
    const filed = aDraft({ revision: 2, state: { at: 'filed', ticketId: 7, filedAtMs: 0 } })
    desk.hubRefuses('too-late', filed)
    expect(desk.card()).toMatchObject({ refused: 'too-late', draft: { state: { at: 'filed' } } })
    expect(shownFields(desk.card()).title).toBe('Imprimante en panne')
  })

  it('that was on its way when the link ended is sent again, once, on what the hub then says', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    desk.edit(ID, { title: 'Écran noir' })
    desk.linkUp()
    desk.hubSays(aDraft({ revision: 1 }))
    desk.hubSays(aDraft({ revision: 1 }))
    expect(desk.edits()).toHaveLength(2)
    expect(desk.edits().at(-1)).toMatchObject({ baseRevision: 1, changes: { title: 'Écran noir' } })
  })

  it('that did arrive before the link ended is not sent again', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 1 }))
    desk.edit(ID, { title: 'Écran noir' })
    desk.linkUp()
    desk.hubSays(aDraft({ revision: 2, fields: { title: 'Écran noir' } }))
    expect(desk.edits()).toHaveLength(1)
  })

  it('while the hub is away, or of a draft that is not here, is not taken, and says so', () => {
    const desk = aDesk()
    expect(desk.edit(ID, { title: 'x' })).toBe('unknown-draft')
    desk.hubSays(aDraft())
    desk.link.up = false
    expect(desk.edit(ID, { title: 'x' })).toBe('hub-away')
    expect(shownFields(desk.card()).title).toBe('Imprimante en panne')
  })
})

describe('a decision', () => {
  it('[D3] goes with the revision on the screen; a refusal is shown until the next snapshot', () => {
    const desk = aDesk()
    desk.hubSays(aDraft({ revision: 3 }))
    expect(desk.decide(ID, { decision: 'file' })).toBe('sent')
    expect(desk.sent).toEqual([
      { kind: 'draft-decide', draftId: ID, baseRevision: 3, choice: { decision: 'file' } },
    ])
    desk.hubRefuses('not-now')
    expect(desk.card().refused).toBe('not-now')
    desk.hubSays(aDraft({ revision: 4 }))
    expect(desk.card().refused).toBeUndefined()
  })

  it('while the hub is away is not taken, and says so', () => {
    const desk = aDesk()
    desk.hubSays(aDraft())
    desk.link.up = false
    expect(desk.decide(ID, { decision: 'file' })).toBe('hub-away')
    expect(desk.decide(draftId.parse('draft-9999'), { decision: 'file' })).toBe('unknown-draft')
  })
})
