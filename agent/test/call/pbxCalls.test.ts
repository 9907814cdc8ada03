import { describe, expect, it } from 'vitest'
import type { CallId, CallSnapshot } from '@3cx-ninja/protocol'
import type { CallFact } from '../../src/main/call/callState.ts'
import { callTuning } from '../../src/main/call/tuning.ts'
import { aCallDesk, WALL_CLOCK_MS } from '../../testing/callDesk.ts'

const NUMBER = '+33240112233'
const HUBS = 'HUB-CALL-0001' as CallId

/** Returns a desk whose telephone the PBX reports, with the reports to the hub apart from those to the screen. */
function aDesk() {
  const desk = aCallDesk()
  return {
    ...desk,
    pbx: (state: CallFact['state'], more: Partial<CallFact> = {}) =>
      desk.dispatch({
        kind: 'fact',
        fact: { source: 'pbx', state, leg: 'L1', callId: HUBS, remoteNumber: NUMBER, remoteName: 'Girard', direction: 'inbound', ...more }, // prettier-ignore
      }),
    reports: () => desk.reports('hub'),
    shown: () => desk.reports('screen'),
    ids: () =>
      new Set(desk.commands.map((command) => ('call' in command ? command.call.callId : command.callId))),
    phases: () => desk.alive().map(({ phase }) => phase.at),
  }
}
const second = {
  leg: 'L2',
  callId: 'HUB-CALL-0002' as CallId,
  remoteNumber: '0199001122',
  remoteName: 'Martin',
}

describe('[C6] ringing', () => {
  it('a ringing call of the PBX is shown with number and name at once, under the hub’s id, and not reported back', () => {
    const desk = aDesk()
    desk.pbx('ringing')
    expect(desk.shown()).toEqual([
      expect.objectContaining({ callId: HUBS, phase: 'ringing', remoteNumber: NUMBER, remoteName: 'Girard', direction: 'inbound' }), // prettier-ignore
    ])
    desk.pbx('ended')
    expect(desk.last()).toMatchObject({ phase: 'missed' })
    expect(desk.reports(), 'a call to a group rings at ten agents and is one').toEqual([])
    expect(desk.phases()).toEqual([])
  })

  it('a ringing call that a colleague answers is not missed here', () => {
    const desk = aDesk()
    desk.pbx('ringing')
    desk.pbx('ended', { answered: true })
    expect(desk.shown().map(({ phase, elsewhere }) => [phase, elsewhere])).toEqual([
      ['ringing', undefined],
      ['done', undefined],
    ])
    expect(desk.reports()).toEqual([])
  })

  it('a ringing call becomes one call with the microphone that follows, reported under the hub’s id and recorded', () => {
    const desk = aDesk()
    desk.pbx('ringing')
    desk.pass(4_000)
    desk.microphone('talking')
    desk.pbx('talking')
    expect(desk.ids()).toEqual(new Set([HUBS]))
    expect(desk.reports().at(-1)).toMatchObject({
      phase: 'talking',
      recording: 'recording',
      remoteNumber: NUMBER,
    })
    expect(desk.last().elsewhere).toBeUndefined()
    expect(desk.did()).toEqual(['begin'])
  })

  it('a ringing call reported after its contact URL is the same call', () => {
    const desk = aDesk()
    desk.dispatch({ kind: 'fact', fact: { source: 'contact-url', state: 'ringing', leg: NUMBER, remoteNumber: '02 40 11 22 33' } }) // prettier-ignore
    desk.pbx('ringing')
    desk.pbx('ended')
    expect(desk.ids().size).toBe(1)
    expect(desk.last().phase).toBe('missed')
  })

  it('a ringing call in the middle of another talk is a second call', () => {
    const desk = aDesk()
    desk.microphone('talking')
    desk.pass(60_000)
    desk.pbx('ringing', second)
    expect(desk.phases()).toEqual(['talking', 'ringing'])
    expect(desk.did()).toEqual(['begin'])
  })

  it('a ringing reported just after the talk began belongs to that talk; so does an outbound dialing', () => {
    for (const direction of ['inbound', 'outbound'] as const) {
      const desk = aDesk()
      desk.microphone('talking')
      desk.pass(direction === 'inbound' ? 2_000 : 25_000)
      desk.pbx('ringing', { direction })
      desk.pbx('talking', { direction })
      expect(desk.phases()).toEqual(['talking'])
      expect(desk.last()).toMatchObject({ remoteNumber: NUMBER, direction })
    }
  })
})

describe('[C6] talking', () => {
  it('a talk of the PBX confirms the guess of the microphone: no debounce, and one call under the hub’s id', () => {
    const desk = aDesk()
    desk.microphone('talking')
    desk.pbx('talking')
    expect(desk.last()).toMatchObject({
      callId: HUBS,
      phase: 'talking',
      remoteNumber: NUMBER,
      recording: 'recording',
    })
    expect(desk.reports()[0]?.phase).toBe('talking')
    expect(desk.ids().size).toBe(1)
  })

  it('a talk of the PBX is recorded only once the microphone of this PC is in use', () => {
    const desk = aDesk()
    desk.pbx('ringing')
    desk.pbx('talking')
    desk.pass(900)
    expect(desk.did()).toEqual([])
    desk.microphone('talking')
    expect(desk.did()).toEqual(['begin'])
    expect(desk.reports().map(({ phase, elsewhere }) => [phase, elsewhere])).toContainEqual([
      'talking',
      undefined,
    ])
    expect(desk.ids().size).toBe(1)
  })

  it('a talk at a desk telephone is shown with its number, reported as elsewhere, and never recorded', () => {
    const desk = aDesk()
    desk.pbx('ringing')
    desk.pbx('talking')
    desk.pass(callTuning.followMs)
    expect(desk.phases()).toEqual(['elsewhere'])
    expect(desk.reports()).toEqual([
      expect.objectContaining({ phase: 'talking', elsewhere: true, recording: 'none' }),
    ])
    desk.pass(30 * 60_000)
    desk.pbx('ended')
    desk.pass(callTuning.wrapUpMs)
    expect(desk.reports().map(({ phase }) => phase)).toEqual(['talking', 'wrap-up', 'done'])
    expect(desk.last()).toMatchObject({ elsewhere: true, recording: 'none' })
    expect(desk.did()).toEqual([])
  })

  it('a talk at a desk telephone is recorded from the moment the technician clicks the button', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.pass(20_000)
    desk.userAction('start')
    expect(desk.did()).toEqual(['begin'])
    expect(desk.last()).toMatchObject({ callId: HUBS, phase: 'talking', recording: 'recording' })
    expect(desk.last().elsewhere).toBeUndefined()
    desk.pbx('ended')
    expect(desk.did()).toEqual(['begin', 'seal'])
  })

  it('[S3] a talk whose number the PBX names late, and which opted out, has its recording erased', () => {
    const desk = aDesk()
    desk.microphone('talking')
    desk.pass(2_000)
    desk.pbx('talking', { remoteNumber: '0612345678' })
    expect(desk.did()).toEqual(['begin', 'erase'])
    expect(desk.last().recording).toBe('refused')
  })

  it('a talk older than this program is reported with its true time', () => {
    const desk = aDesk()
    desk.pass(600_000)
    desk.pbx('talking', { sinceMs: 1_000 })
    desk.pass(callTuning.followMs)
    expect(desk.last()).toMatchObject({
      startedAtMs: WALL_CLOCK_MS + 1_000,
      talkingSinceMs: WALL_CLOCK_MS + 1_000,
    })
  })
})

describe('[C6] the end', () => {
  it('a call that the PBX ends is over at once, without waiting for the microphone', () => {
    const desk = aDesk()
    desk.microphone('talking')
    desk.pbx('talking')
    desk.pass(10_000)
    desk.pbx('ended')
    expect(desk.last()).toMatchObject({
      phase: 'wrap-up',
      endedAtMs: WALL_CLOCK_MS + 10_000,
      recording: 'complete',
    })
    desk.microphone('ended')
    expect(desk.ids().size).toBe(1)
  })

  it('a call erased at a desk telephone is not recorded when this PC takes it over', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.pass(20_000)
    expect(desk.phases()).toEqual(['elsewhere'])
    desk.userAction('erase')
    desk.microphone('talking')
    desk.pass(20_000)
    expect(desk.last().elsewhere).toBeUndefined()
    expect(desk.last()).toMatchObject({ phase: 'talking', recording: 'erased' })
    expect(desk.did()).toEqual([])
  })

  it('a released microphone only pauses the recording while the PBX reports talking', () => {
    const desk = aDesk()
    desk.pbx('ringing')
    desk.microphone('talking')
    desk.pbx('talking')
    desk.microphone('ended')
    desk.pass(callTuning.endDebounceMs)
    expect(desk.phases()).toEqual(['elsewhere'])
    expect(desk.last()).toMatchObject({ phase: 'talking', recording: 'paused' })
    desk.microphone('talking')
    expect(desk.last()).toMatchObject({ phase: 'talking', recording: 'recording' })
    desk.pbx('ended')
    expect(desk.did()).toEqual(['begin', 'pause', 'resume', 'seal'])
    expect(desk.ids().size).toBe(1)
  })

  it('the end of an unknown leg ends nothing', () => {
    const desk = aDesk()
    desk.microphone('talking')
    desk.pass(60_000)
    desk.pbx('ended', second)
    expect(desk.phases()).toEqual(['talking'])
  })

  it('an end that the webhook reports by call id ends that call', () => {
    const desk = aDesk()
    desk.microphone('talking')
    desk.pass(60_000)
    desk.pbx('ended', { leg: 'webhook', callId: desk.last().callId })
    expect(desk.last()).toMatchObject({ phase: 'wrap-up', remoteNumber: NUMBER })
  })

  it('an ended leg begins no other call, whatever the PBX reports of it afterwards', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.microphone('talking')
    desk.dispatch({ kind: 'fact', fact: { source: 'user', state: 'ended' } })
    desk.pbx('held')
    desk.pbx('talking')
    expect(desk.phases()).toEqual(['wrap-up'])
  })
})

describe('[C6] two calls of one extension', () => {
  it('the recording follows the microphone to the call connected last, and back', () => {
    const desk = aDesk()
    desk.pbx('ringing')
    desk.microphone('talking')
    desk.pbx('talking')
    desk.pass(30_000)
    desk.pbx('ringing', second)
    desk.pbx('talking', second)
    expect(desk.phases()).toEqual(['held', 'talking'])
    expect(desk.did()).toEqual(['begin', 'pause', 'begin'])
    desk.pass(20_000)
    desk.pbx('ended', second)
    expect(desk.did()).toEqual(['begin', 'pause', 'begin', 'resume', 'seal'])
    desk.microphone('ended')
    desk.pbx('ended')
    expect(desk.phases()).toEqual(['wrap-up', 'wrap-up'])
    expect(desk.ids()).toEqual(new Set([HUBS, second.callId]))
  })

  it('a state that is only repeated moves no recording', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.microphone('talking')
    desk.pbx('talking', second)
    expect(desk.phases()).toEqual(['held', 'talking'])
    desk.pbx('talking')
    expect(desk.phases()).toEqual(['held', 'talking'])
  })

  it('the same number twice in a row makes two calls', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.microphone('talking')
    desk.pbx('ended')
    desk.microphone('ended')
    desk.pass(3_000)
    desk.pbx('ringing', { ...second, remoteNumber: NUMBER })
    desk.microphone('talking')
    desk.pbx('talking', { ...second, remoteNumber: NUMBER })
    expect(desk.phases()).toEqual(['wrap-up', 'talking'])
    expect(desk.did()).toEqual(['begin', 'seal', 'begin'])
  })
})

describe('[C7] the link to the hub or the PBX is lost', () => {
  it('a call on this PC goes on by the microphone when the PBX is lost', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.microphone('talking')
    desk.pbx('lost')
    desk.pass(60_000)
    expect(desk.phases()).toEqual(['talking'])
    desk.microphone('ended')
    desk.pass(callTuning.endDebounceMs)
    expect(desk.phases()).toEqual(['wrap-up'])
  })

  it('a leg found gone when the PBX is back ends a call at a desk telephone, but not a call on this PC', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.microphone('talking')
    desk.pbx('lost')
    desk.pbx('ended')
    expect(desk.phases()).toEqual(['talking'])
    desk.microphone('ended')
    desk.pass(callTuning.endDebounceMs)
    expect(desk.phases()).toEqual(['wrap-up'])
    desk.pbx('talking', second)
    desk.pbx('lost', second)
    desk.pbx('ended', second)
    expect(desk.phases()).toEqual(['wrap-up', 'wrap-up'])
  })

  it('a call at a desk telephone ends a while after the PBX is lost, unless the PBX reports it again', () => {
    const desk = aDesk()
    desk.pbx('talking')
    desk.pass(10_000)
    desk.pbx('lost')
    desk.pass(callTuning.pbxLostMs - 1_000)
    desk.pbx('talking')
    expect(desk.phases()).toEqual(['elsewhere'])
    desk.pbx('lost')
    const lostAtMs = WALL_CLOCK_MS + 10_000 + callTuning.pbxLostMs - 1_000
    desk.pass(callTuning.pbxLostMs)
    expect(desk.last()).toMatchObject({ phase: 'wrap-up', endedAtMs: lostAtMs })
  })

  it('a call goes on after a restart in mid-call when the PBX repeats it; its recording when the microphone is in use', () => {
    const desk = aDesk()
    const before: CallSnapshot = { callId: HUBS, revision: 7, phase: 'talking', direction: 'inbound', extension: '201', startedAtMs: WALL_CLOCK_MS - 9_000, talkingSinceMs: WALL_CLOCK_MS - 8_000, recordingId: 'REC-00000001' as never, recording: 'recording' } // prettier-ignore
    desk.dispatch({ kind: 'restored', call: before, lastSeenMs: WALL_CLOCK_MS - 500 })
    desk.pbx('talking')
    expect(desk.did()).toEqual([])
    desk.microphone('talking')
    expect(desk.did()).toEqual(['begin'])
    expect(desk.last()).toMatchObject({ callId: HUBS, phase: 'talking', recordingId: 'REC-00000001' })
  })
})

/** Returns a small seeded random source that gives the same numbers on every machine (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

it.each(Array.from({ length: 200 }, (_, index) => index + 1))(
  'the facts of one conversation in any order of their sources are one call, recorded once (seed %i)',
  (seed) => {
    const desk = aDesk()
    const random = seeded(seed)
    const threads = [
      [() => desk.pbx('ringing'), () => desk.pbx('talking')].slice(random() < 0.3 ? 1 : 0),
      [() => desk.microphone('talking')],
      random() < 0.5 ? [() => desk.dispatch({ kind: 'fact', fact: { source: 'contact-url', state: 'ringing', leg: NUMBER, remoteNumber: '0240112233' } })] : [], // prettier-ignore
    ]
    while (threads.some(({ length }) => length > 0)) {
      const waiting = threads.filter(({ length }) => length > 0)
      waiting[Math.floor(random() * waiting.length)]?.shift()?.()
      desk.pass(Math.floor(random() * 1_500))
      if (random() < 0.2) {
        desk.pbx('lost')
        desk.pass(200)
      }
    }
    desk.pass(60_000)
    expect(desk.phases(), `seed ${String(seed)}`).toEqual(['talking'])
    const ends = [() => desk.microphone('ended'), () => desk.pbx('ended')]
    if (random() < 0.5) ends.reverse()
    for (const end of ends) {
      end()
      desk.pass(Math.floor(random() * 900))
    }
    desk.pass(callTuning.endDebounceMs)
    expect(desk.did().filter((did) => did === 'begin')).toHaveLength(1)
    expect(desk.did().at(-1)).toBe('seal')
    expect(desk.reports().at(-1)).toMatchObject({
      phase: 'wrap-up',
      remoteNumber: expect.any(String) as string,
    })
    expect(new Set(desk.reports().map(({ callId }) => callId)).size).toBe(1)
  },
)
