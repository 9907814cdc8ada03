import type { DraftDecision, DraftState } from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { DeskDraft } from '../../src/ipc/deskSnapshot.ts'
import { createDiscards, DISCARD_UNDO_MS, type Discard } from '../../src/renderer/page/discards.ts'
import { createNotices } from '../../src/renderer/page/notices.ts'
import type { DeskShown } from '../../src/renderer/stores/deskStore.ts'
import { createScreenStore } from '../../src/renderer/stores/screenStore.ts'
import { aDesk, aDeskDraft, DRAFT_ID } from '../../testing/desk/deskBuilders.ts'

const DISCARD: Discard = { kind: 'discard', reason: 'private' }
const COUNTDOWN: DraftState = {
  at: 'countdown',
  deadlineMs: 1_767_225_600_000,
  remainingMs: 9_000,
  totalMs: 15_000,
}

const shownWith = (drafts: DeskDraft[]): DeskShown => ({
  desk: aDesk({ drafts }),
  receivedMs: 0,
  connected: true,
  lines: { lines: [] },
  levels: { agent: 0, caller: 0 },
})

function aPage(first: DraftState) {
  const clock = createFakeClock()
  const screen = createScreenStore()
  const desk = createStore<DeskShown>(() => shownWith([aDeskDraft(first)]))
  const decisions: DraftDecision['kind'][] = []
  const discards = createDiscards({
    desk,
    screen,
    clock: { after: (delayMs, action) => clock.after(delayMs, action) },
    decide: async (_, choice) => void decisions.push(choice.kind),
  })
  return {
    clock,
    screen,
    said: decisions,
    discards,
    becomes: (...drafts: DeskDraft[]) => desk.setState(shownWith(drafts)),
  }
}

describe('a discard that can be undone', () => {
  it('holds a draft that counts down at once, and sends the discard only when nobody undid it', async () => {
    const { clock, screen, said: decisions, discards, becomes } = aPage(COUNTDOWN)
    discards.begin(DRAFT_ID, DISCARD)
    becomes(aDeskDraft(COUNTDOWN)) // a snapshot that was on its way
    becomes(aDeskDraft({ at: 'held' }))
    expect(decisions).toEqual(['hold'])
    expect(screen.getState().discarding.has(DRAFT_ID)).toBe(true)
    await clock.advance(DISCARD_UNDO_MS)
    expect(decisions).toEqual(['hold', 'discard'])
    expect(screen.getState().discarding.size).toBe(0)
  })

  it('never sends a discard that was undone', async () => {
    const { clock, said: decisions, discards } = aPage({ at: 'held' })
    discards.begin(DRAFT_ID, DISCARD)
    expect(discards.undo()).toBe(true)
    expect(discards.undo()).toBe(false)
    await clock.advance(DISCARD_UNDO_MS)
    expect(decisions).toEqual([])
  })

  it('sends a waiting discard at once when the draft begins to count down and would be filed', () => {
    const { said: decisions, discards, becomes } = aPage({ at: 'collecting' })
    discards.begin(DRAFT_ID, DISCARD)
    becomes(aDeskDraft(COUNTDOWN))
    expect(decisions).toEqual(['discard'])
  })

  it('sends a waiting discard at once when the hub refused to hold the draft', () => {
    const { said: decisions, discards, becomes } = aPage(COUNTDOWN)
    discards.begin(DRAFT_ID, DISCARD)
    becomes({ ...aDeskDraft(COUNTDOWN), refused: 'stale-revision' })
    expect(decisions).toEqual(['hold', 'discard'])
  })

  it('drops the discard of a draft that is gone, and sends a waiting one when the page closes', async () => {
    const gone = aPage({ at: 'held' })
    gone.discards.begin(DRAFT_ID, DISCARD)
    gone.becomes()
    await gone.clock.advance(DISCARD_UNDO_MS)
    expect(gone.said).toEqual([])
    const closing = aPage({ at: 'held' })
    closing.discards.begin(DRAFT_ID, DISCARD)
    closing.discards.flush()
    await closing.clock.advance(DISCARD_UNDO_MS)
    expect(closing.said).toEqual(['discard'])
  })
})

describe('a short notice', () => {
  function aNotice() {
    const clock = createFakeClock()
    const screen = createScreenStore()
    const notices = createNotices({
      screen,
      clock: {
        monotonicMs: () => clock.monotonicMs(),
        wallClockMs: () => clock.nowMs(),
        after: (delayMs, action) => clock.after(delayMs, action),
      },
    })
    return { clock, notices, texts: () => screen.getState().notices.map(({ text }) => text) }
  }

  it('removes a notice by itself, but not while the pointer is on it', async () => {
    const { clock, notices, texts } = aNotice()
    const id = notices.show('good', 'settings.saved')
    await clock.advance(5_000)
    notices.pin(id)
    await clock.advance(60_000)
    expect(texts()).toEqual(['settings.saved'])
    notices.release(id)
    await clock.advance(6_000)
    expect(texts()).toEqual([])
  })

  it('shows a repeated notice once, and only the newest three notices', () => {
    const { notices, texts } = aNotice()
    for (const text of ['a', 'b', 'b', 'c', 'd']) notices.show('good', text)
    expect(texts()).toEqual(['b', 'c', 'd'])
  })
})
