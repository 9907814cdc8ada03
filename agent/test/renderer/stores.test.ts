import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { Answer, Input } from '../../src/ipc/channels.ts'
import { loudness } from '../../src/renderer/components/loudness.ts'
import { meaningOf, type KeyPress } from '../../src/renderer/keys/shortcuts.ts'
import { cardOnScreen } from '../../src/renderer/page/cardOnScreen.ts'
import { mergeLines, applyEvent } from '../../src/renderer/stores/deskStore.ts'
import { createDraftEdits, remainingEdit } from '../../src/renderer/stores/draftEdits.ts'
import { toTurns } from '../../src/renderer/views/transcript/turns.ts'
import { lineAt } from '../../src/renderer/views/transcript/lineAt.ts'
import { splitFound } from '../../src/renderer/views/transcript/splitFound.ts'
import {
  aDesk,
  aDeskDraft,
  aTalkingDesk,
  CALL_ID,
  DRAFT_ID,
  someLines,
} from '../../testing/desk/deskBuilders.ts'

const words = someLines.filter((line) => line.kind === 'words')

describe('the desk store', () => {
  const empty = { receivedMs: 0, connected: true, lines: { lines: [] }, levels: { agent: 0, caller: 0 } }

  it('replaces lines of the same id and sorts new lines by time', () => {
    const [first, second, third] = words
    const merged = mergeLines([first!, third!], [second!, { ...third!, text: 'final' }])
    expect(merged.map(({ id }) => id)).toEqual([first!.id, second!.id, third!.id])
    expect(merged[2]).toMatchObject({ text: 'final' })
  })

  it('never mixes the lines of two calls', () => {
    const shown = { ...empty, lines: { callId: CALL_ID, lines: words } }
    const next = applyEvent(
      shown,
      { kind: 'lines', callId: 'call-0002' as never, extent: 'changed', lines: [words[0]!] },
      1,
    )
    expect(next.lines).toEqual({ callId: 'call-0002', lines: [words[0]] })
  })

  it('counts remaining times from the arrival of the snapshot', () => {
    expect(applyEvent(empty, { kind: 'snapshot', desk: aDesk() }, 77)).toMatchObject({ receivedMs: 77 })
  })
})

describe('an edit of a draft', () => {
  function aForm() {
    const clock = createFakeClock()
    const sent: Input<'editDraft'>[] = []
    const state = { outcome: 'sent' as 'sent' | 'kept' | 'hub-away', away: 0 }
    const edits = createDraftEdits({
      bridge: {
        editDraft: async (input): Promise<Answer<'editDraft'>> => {
          sent.push(input)
          return { ok: true, value: { outcome: state.outcome } }
        },
      },
      clock: {
        monotonicMs: clock.monotonicMs,
        wallClockMs: clock.nowMs,
        after: (ms, act) => clock.after(ms, act),
      },
      onAway: () => void (state.away += 1),
    })
    return { clock, edits, sent, state, shown: () => edits.store.getState().edits.get(DRAFT_ID)?.changes }
  }

  it('sends the first letter of an edit at once, because that stops the countdown, and the rest together', async () => {
    const { clock, edits, sent } = aForm()
    for (const title of ['I', 'Im', 'Imp']) edits.edit(DRAFT_ID, { title })
    expect(sent.map(({ changes }) => changes.title)).toEqual(['I'])
    await clock.advance(300)
    expect(sent.map(({ changes }) => changes.title)).toEqual(['I', 'Imp'])
  })

  it('sends every edit of a draft before a decision', async () => {
    const { edits, sent } = aForm()
    edits.edit(DRAFT_ID, { title: 'a' })
    edits.edit(DRAFT_ID, { title: 'ab' })
    await edits.flush(DRAFT_ID)
    expect(sent.at(-1)?.changes.title).toBe('ab')
  })

  it('shows an edit until a snapshot contains it', async () => {
    const { edits, shown } = aForm()
    edits.edit(DRAFT_ID, { title: 'Mine' })
    await edits.flush(DRAFT_ID)
    edits.snapshot([aDeskDraft({ at: 'held' })], true)
    expect(shown()).toEqual({ title: 'Mine' })
    edits.snapshot(
      [aDeskDraft({ at: 'held' }, { fields: { ...aDeskDraft().draft.fields, title: 'Mine' } })],
      true,
    )
    expect(shown()).toBeUndefined()
  })

  it('keeps an edit while the hub is away, and sends it when the hub is back', async () => {
    const { clock, edits, sent, state, shown } = aForm()
    state.outcome = 'hub-away'
    edits.edit(DRAFT_ID, { title: 'Mine' })
    await clock.advance(1_000)
    expect([state.away > 0, shown()]).toEqual([true, { title: 'Mine' }])
    state.outcome = 'sent'
    const before = sent.length
    edits.snapshot([aDeskDraft({ at: 'held' })], false)
    expect(sent).toHaveLength(before)
    edits.snapshot([aDeskDraft({ at: 'held' })], true)
    await clock.advance(0)
    expect(sent.length).toBe(before + 1)
  })

  it('does not send an edit again that main has kept for the hub', async () => {
    const { clock, edits, sent, state } = aForm()
    state.outcome = 'kept'
    edits.edit(DRAFT_ID, { title: 'Mine' })
    await clock.advance(1_000)
    const before = sent.length
    edits.snapshot([aDeskDraft({ at: 'held' })], true)
    await clock.advance(0)
    expect([state.away, sent.length]).toEqual([0, before])
  })

  it('drops an edit that the hub refused, but not one that was never sent', () => {
    const refused = { ...aDeskDraft({ at: 'held' }), refused: 'stale-revision' as const }
    expect(remainingEdit({ changes: { title: 'Mine' }, unsent: false }, refused)).toBeUndefined()
    expect(remainingEdit({ changes: { title: 'Mine' }, unsent: true }, refused)).toBeDefined()
  })

  it('drops the edits of a draft that is gone', () => {
    const { edits, shown } = aForm()
    edits.edit(DRAFT_ID, { title: 'Mine' })
    edits.snapshot([], true)
    expect(shown()).toBeUndefined()
  })
})

describe('the card on the screen', () => {
  const parked = {
    ...aDeskDraft({ at: 'parked' }, { draftId: 'draft-0009' as never }),
    callId: 'call-0009' as never,
  }
  const shownOf = (desk: ReturnType<typeof aDesk>, chosenDraft?: string) =>
    cardOnScreen(desk, chosenDraft ? { chosenDraft: chosenDraft as never } : {})?.draft.draftId

  it('shows the chosen card, else that of the current call', () => {
    const desk = aTalkingDesk({ drafts: [parked, aDeskDraft()] })
    expect(shownOf(desk)).toBe(DRAFT_ID)
    expect(shownOf(desk, 'draft-0009')).toBe('draft-0009')
    expect(shownOf(desk, 'draft-gone')).toBe(DRAFT_ID)
  })

  it('never shows an old card by itself during a call, because Enter would file it', () => {
    expect(shownOf(aTalkingDesk({ drafts: [parked] }))).toBeUndefined()
    expect(shownOf(aDesk({ drafts: [parked] }))).toBe('draft-0009')
  })
})

describe('a key', () => {
  const press = (changes: Partial<KeyPress>) =>
    meaningOf({
      code: '',
      key: '',
      altKey: false,
      ctrlKey: false,
      metaKey: false,
      shiftKey: false,
      repeat: false,
      on: 'nothing',
      ...changes,
    })

  it('files by Enter in a field, but not on a button or in a description', () => {
    expect(press({ key: 'Enter' })).toBe('file')
    expect(press({ key: 'Enter', on: 'text' })).toBe('file')
    expect(press({ key: 'Enter', on: 'control' })).toBeUndefined()
    expect(press({ key: 'Enter', on: 'lines' })).toBeUndefined()
    expect(press({ key: 'Enter', on: 'lines', ctrlKey: true })).toBe('fileAnywhere')
  })

  it('acts once on a key that is held down', () => {
    expect(press({ key: 'Enter', repeat: true })).toBeUndefined()
  })

  it('holds the draft by Escape from anywhere', () => {
    expect(press({ key: 'Escape', on: 'lines' })).toBe('hold')
  })

  it('accepts Alt and a letter on every keyboard layout, and no letter alone', () => {
    expect(press({ code: 'KeyP', key: 'π', altKey: true })).toBe('pause')
    expect(press({ code: 'Digit2', key: 'é', altKey: true })).toBe('history')
    expect(press({ code: 'KeyP', key: 'p' })).toBeUndefined()
    expect(press({ code: 'KeyP', key: 'p', altKey: true, ctrlKey: true })).toBeUndefined()
  })
})

describe('a transcript on the screen', () => {
  it('groups the lines of one speaker, and begins a new turn after a mark or a long silence', () => {
    const kinds = toTurns(someLines).map((turn) =>
      turn.kind !== 'turn' ? '★' : `${turn.speaker}×${turn.lines.length}`,
    )
    expect(kinds).toEqual([
      'agent×1',
      'caller×2',
      'agent×1',
      'caller×2',
      '★',
      'agent×1',
      'caller×1',
      'agent×1',
      'caller×1',
    ])
    const late = { ...words[2]!, id: 'late', fromMs: 100_000 }
    expect(toTurns([words[1]!, late])).toHaveLength(2)
  })

  it('finds the line spoken at a position, and between two lines the earlier', () => {
    const audio = { starts: [{ part: 1, atMs: 0 }] }
    expect(lineAt(words, audio, 4_400)).toBe('utterance-02')
    expect(lineAt(words, audio, 0)).toBeUndefined()
    expect(
      lineAt([{ ...words[0]!, part: 2, fromMs: 0 }], { starts: [{ part: 2, atMs: 9_000 }] }, 9_000),
    ).toBe('utterance-01')
  })

  it('marks the searched words whatever their accents', () => {
    const marked = (text: string, search: string) =>
      splitFound(text, search)
        .map(({ text: piece, isMatch: hit }) => (hit ? `[${piece}]` : piece))
        .join('')
    expect(marked('Le voyant réseau est éteint', 'RESEAU etei')).toBe('Le voyant [réseau] est [étei]nt')
    expect(marked('rien', 'autre')).toBe('rien')
    expect(marked('œuvre à l’arrière', "l'arriere")).toBe('œuvre à [l’arrière]')
    expect(marked('a.c abc', 'a.c')).toBe('[a.c] abc')
  })
})

it('draws a meter as the ear perceives it: silence is empty, a tenth of full scale is above half the bar', () => {
  expect(loudness(0)).toBe(0)
  expect(loudness(1)).toBe(1)
  expect(loudness(0.001)).toBe(0)
  expect(loudness(0.1)).toBeCloseTo(0.63, 2)
})
