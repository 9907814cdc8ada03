import { callId, type CallId } from '@3cx-ninja/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { deskEvent, type DeskEvent } from '../../src/ipc/channels.ts'
import type { DeskLine } from '../../src/ipc/deskSnapshot.ts'
import { createDesk } from '../../src/main/desk/desk.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { applyEvent, type DeskShown } from '../../src/renderer/stores/deskStore.ts'
import { aCallReport, anUtterance } from '../../testing/desk/deskBuilders.ts'
import { fakeDeskParts } from '../../testing/desk/fakeDeskParts.ts'

const CALLS = ['call-000A', 'call-000B'].map((id) => callId.parse(id))
const words = fc.record({
  call: fc.constantFrom(...CALLS),
  key: fc.integer({ min: 1, max: 8 }).map(String),
  state: fc.constantFrom('partial' as const, 'final' as const),
  part: fc.integer({ min: 1, max: 2 }),
  fromMs: fc.integer({ min: 0, max: 9 }),
  text: fc.constantFrom('un', 'deux', ' ', 'trois quatre'),
})
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('say' as const), words }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 250 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('phase' as const),
      call: fc.constantFrom(...CALLS),
      phase: fc.constantFrom('ringing' as const, 'talking' as const, 'held' as const, 'done' as const),
      recording: fc.constantFrom('recording' as const, 'erased' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload' as const) }) },
)

/** Returns a page in the state of the renderer, fed by the real events. */
function aPage() {
  let shown: DeskShown = {
    receivedMs: 0,
    connected: true,
    lines: { lines: [] },
    levels: { agent: 0, caller: 0 },
  }
  return {
    take: (event: DeskEvent) => void (shown = { ...shown, ...applyEvent(shown, deskEvent.parse(event), 0) }),
    lines: (of: CallId | undefined): readonly DeskLine[] =>
      shown.lines.callId === of ? shown.lines.lines : [],
    shownCall: () => shown.desk?.shown,
  }
}
const inOrder = (lines: readonly DeskLine[]) => [...lines].sort((a, b) => a.id.localeCompare(b.id))

describe('whatever happens in whatever order', () => {
  it('a page that was connected all along shows the same words as a new one, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = createFakeClock()
        const fake = fakeDeskParts()
        const desk = createDesk({ ...fake.parts, clock, log: silentLogger })
        let page = aPage()
        let client = desk.connect(page.take)
        for (const each of steps) {
          if (each.do === 'wait') await clock.advance(each.ms)
          else if (each.do === 'reload') {
            client.close()
            page = aPage()
            client = desk.connect(page.take)
          } else if (each.do === 'phase') {
            const call = aCallReport({ callId: each.call, phase: each.phase, recording: each.recording })
            const { calls } = fake.state.view
            const others = calls.filter((other) => other.callId !== each.call)
            fake.state.view = {
              ...fake.state.view,
              calls: each.phase === 'done' ? others : [...others, call],
            }
            desk.onEvent({ kind: 'call', call })
          } else {
            const { call, key, ...said } = each.words
            desk.onEvent({ kind: 'utterance', callId: call, utterance: anUtterance(`${call}-${key}`, said) })
          }
        }
        await clock.advance(500)
        const fresh = aPage()
        desk.connect(fresh.take).close()
        expect(page.shownCall()).toBe(fresh.shownCall())
        const [one, other] = [page.lines(page.shownCall()), fresh.lines(fresh.shownCall())]
        expect(inOrder(one)).toEqual(inOrder(other))
        const times = one.map((line) => line.part * 1_000_000 + line.fromMs)
        expect(times).toEqual([...times].sort((a, b) => a - b))
        client.close()
        await desk.stop()
      }),
      { numRuns: 150 },
    )
  })
})
