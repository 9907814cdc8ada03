import { describe, expect, it } from 'vitest'
import {
  callFact,
  HOUR_MS,
  MINUTE_MS,
  type CallFactMessage,
  type CallId,
  type PbxLinkMessage,
} from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { CallFact } from '../../src/main/call/callState.ts'
import { createHubSource } from '../../src/main/detection/hubSource.ts'
import { detectionTuning } from '../../src/main/detection/tuning.ts'

const HUBS = 'HUB-CALL-0001' as CallId
const OURS = 'OUR-CALL-0001' as CallId
/** The clock of the hub is seven minutes ahead of this PC's. */
const AHEAD_MS = 7 * MINUTE_MS

function aSource() {
  const clock = createFakeClock()
  const source = createHubSource({ clock })
  const facts: CallFact[] = []
  let changes = 0
  const start = () =>
    source.start({
      fact: (fact) => void facts.push(fact),
      changed: () => void (changes += 1),
      failed: (error) => {
        throw error
      },
    })
  const ownId = (callId: CallId) => (callId === HUBS ? OURS : callId)
  const hubNowMs = () => clock.nowMs() + AHEAD_MS
  return {
    clock,
    source,
    facts,
    start,
    changes: () => changes,
    up: () => source.link(hubNowMs()),
    down: () => source.link(undefined),
    pbx: (at: PbxLinkMessage['at'], legs: string[] = []) =>
      source.receive({ kind: 'pbx-link', at, legs }, ownId),
    receive: (state: CallFactMessage['state'], more: Partial<CallFactMessage> = {}) =>
      source.receive(
        { kind: 'call-fact', leg: 'L1', callId: HUBS, state: state, direction: 'inbound', remoteNumber: '+33240112233', atMs: hubNowMs(), ...more }, // prettier-ignore
        ownId,
      ),
    said: () => facts.map(({ leg, state }) => `${leg ?? ''} ${state}`),
  }
}

describe('[C6] a call reported by the hub', () => {
  it('a call reported by the hub becomes a fact with number, name and our id for the call, at this PC’s time', () => {
    const desk = aSource()
    void desk.start()
    desk.up()
    desk.receive('ringing', { remoteName: 'Girard' })
    expect(desk.facts).toEqual([
      {
        source: 'pbx',
        state: 'ringing',
        leg: 'L1',
        callId: OURS,
        direction: 'inbound',
        remoteNumber: '+33240112233',
        remoteName: 'Girard',
        sinceMs: desk.clock.monotonicMs(),
      },
    ])
  })

  it('a call reported by the hub is bounded, and cleaned of control characters in its name', () => {
    const desk = aSource()
    void desk.start()
    desk.up()
    desk.receive('ringing', { remoteName: '\u202eevil\u0000\nname', remoteNumber: 'javascript:alert(1)' })
    expect(desk.facts[0]).toMatchObject({ remoteName: 'evil name' })
    expect(desk.facts[0]).not.toHaveProperty('remoteNumber')
    for (let leg = 0; leg < 200; leg++) desk.receive('ringing', { leg: `flood-${String(leg)}` })
    expect(desk.facts).toHaveLength(detectionTuning.maxLegs)
    expect(callFact.safeParse({ kind: 'call-fact', leg: 'x'.repeat(65) }).success).toBe(false)
  })

  it('a late report of the hub is dropped: a ring of long ago, a talk of yesterday; but not a talk that goes on', () => {
    const desk = aSource()
    void desk.start()
    desk.up()
    const hubNowMs = desk.clock.nowMs() + AHEAD_MS
    desk.receive('ringing', { atMs: hubNowMs - 3 * MINUTE_MS })
    desk.receive('talking', { atMs: hubNowMs - 24 * HOUR_MS })
    expect(desk.facts).toEqual([])
    desk.receive('talking', { atMs: hubNowMs - HOUR_MS })
    expect(desk.facts).toEqual([
      expect.objectContaining({ state: 'talking', sinceMs: desk.clock.monotonicMs() - HOUR_MS }),
    ])
  })

  it.each([3, -3])(
    'a report of the hub counts as fresh although this PC’s clock was set by %i hours since the link opened',
    (hours) => {
      const desk = aSource()
      void desk.start()
      desk.up()
      const hubAtMs = desk.clock.nowMs() + AHEAD_MS
      desk.clock.jumpWallClock(hours * HOUR_MS)
      desk.receive('ringing', { atMs: hubAtMs })
      desk.receive('talking', { leg: 'L2', atMs: hubAtMs - MINUTE_MS })
      const nowMs = desk.clock.monotonicMs()
      expect(desk.facts).toMatchObject([
        { state: 'ringing', sinceMs: nowMs },
        { state: 'talking', sinceMs: nowMs - MINUTE_MS },
      ])
    },
  )

  it('a call reported before this source starts is delivered at its start', async () => {
    const desk = aSource()
    desk.up()
    desk.receive('ringing')
    desk.receive('talking')
    desk.receive('ringing', { leg: 'L2' })
    desk.receive('ended', { leg: 'L2' })
    const stop = desk.start()
    expect(desk.said()).toEqual(['L1 talking'])
    await stop()
    desk.receive('ended')
    expect(desk.said(), 'no fact is delivered after the stop').toEqual(['L1 talking'])
  })

  it('the end of a call names it also when the hub reported nothing of it before', () => {
    const desk = aSource()
    void desk.start()
    desk.up()
    desk.receive('ended')
    expect(desk.facts).toEqual([expect.objectContaining({ state: 'ended', callId: OURS })])
  })
})

describe('[C7] the link to the PBX', () => {
  it('the diagnosis shows the state of the PBX: no link, an older hub, no PBX, one that is away, one that is connected', async () => {
    const desk = aSource()
    expect(desk.source.state()).toEqual({ at: 'stopped' })
    const stop = desk.start()
    expect(desk.source.state()).toMatchObject({ at: 'idle', detail: 'no link to the hub' })
    desk.up()
    expect(desk.source.state()).toMatchObject({ at: 'idle', detail: 'the hub does not report calls' })
    desk.pbx('none')
    expect(desk.source.state()).toMatchObject({
      at: 'idle',
      detail: 'the hub has no PBX that reports calls',
    })
    desk.pbx('away')
    expect(desk.source.state()).toMatchObject({ at: 'idle', detail: 'the PBX does not answer the hub' })
    desk.pbx('open')
    expect(desk.source.state()).toMatchObject({ at: 'watching' })
    expect(desk.changes()).toBe(5)
    desk.down()
    expect(desk.source.state()).toMatchObject({ at: 'idle', detail: 'no link to the hub' })
    await stop()
    expect(desk.source.state()).toEqual({ at: 'stopped' })
  })

  it('a leg that the hub no longer names has ended', () => {
    const desk = aSource()
    void desk.start()
    desk.up()
    desk.receive('talking')
    desk.receive('talking', { leg: 'L2' })
    desk.pbx('open', ['L2'])
    expect(desk.said()).toEqual(['L1 talking', 'L2 talking', 'L1 ended'])
  })

  it('a lost leg that is not named when the PBX is back has ended meanwhile', () => {
    const desk = aSource()
    void desk.start()
    desk.up()
    desk.receive('talking')
    desk.receive('talking', { leg: 'L2' })
    desk.down()
    desk.up()
    desk.pbx('open', ['L2'])
    desk.receive('talking', { leg: 'L2' })
    expect(desk.said().slice(2)).toEqual(['L1 lost', 'L2 lost', 'L1 ended', 'L2 talking'])
    desk.pbx('open', [])
    expect(desk.said().at(-1)).toBe('L2 ended')
  })

  it.each(['the link ends', 'the PBX is away'])(
    'when %s, reported calls are lost, not ended, until the hub reports them again',
    (how) => {
      const desk = aSource()
      void desk.start()
      desk.up()
      desk.receive('talking')
      if (how === 'the link ends') desk.down()
      else desk.pbx('away')
      desk.up()
      desk.receive('talking')
      expect(desk.said()).toEqual(['L1 talking', 'L1 lost', 'L1 talking'])
    },
  )
})
