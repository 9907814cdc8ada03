import { describe, expect, it } from 'vitest'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { nextCallTickMs, stepCalls } from '../../src/main/call/callMachine.ts'
import {
  noCalls,
  type CallCommand,
  type CallEvent,
  type CallsState,
  type RecordingPolicy,
} from '../../src/main/call/callState.ts'
import { callTuning } from '../../src/main/call/tuning.ts'
import { aCallDesk, confirmedPolicy } from '../../testing/callDesk.ts'

const unconfirmed: RecordingPolicy = {
  ...confirmedPolicy,
  consent: { ...confirmedPolicy.consent, confirmed: false },
}

describe('the life of a call', () => {
  it('[C3] a call goes from ringing through talking and hold to wrap-up and done, each with a higher revision', () => {
    const desk = aCallDesk()
    desk.script('ringing', { remoteNumber: '0240112233', direction: 'inbound' })
    desk.pass(3_000)
    desk.script('talking')
    desk.script('held')
    desk.script('talking')
    desk.script('ended')
    desk.pass(callTuning.wrapUpMs)
    expect(
      desk
        .reports()
        .map(({ phase }) => phase)
        .filter((phase, index, all) => phase !== all[index - 1]),
    ).toEqual(['ringing', 'talking', 'held', 'talking', 'wrap-up', 'done'])
    expect(desk.reports().map(({ revision }) => revision)).toEqual(
      desk.reports().map((_, index) => index + 1),
    )
    expect(desk.last()).toMatchObject({
      talkingSinceMs: 1_003_000,
      direction: 'inbound',
      recording: 'complete',
    })
    expect(desk.alive()).toEqual([])
  })

  it('a call is missed when it ends while ringing, or rings for too long', () => {
    const desk = aCallDesk()
    desk.script('ringing', { leg: 'a' })
    desk.script('ended', { leg: 'a' })
    expect(desk.last().phase).toBe('missed')
    desk.script('ringing', { leg: 'b' })
    desk.pass(callTuning.ringMs)
    expect(desk.reports().filter(({ phase }) => phase === 'missed')).toHaveLength(2)
    expect(desk.did()).toEqual([])
  })

  it('a call is done for the technician as soon as its draft is decided', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.script('ended')
    desk.dispatch({ kind: 'decided', callId: desk.last().callId })
    expect(desk.last().phase).toBe('done')
  })

  it('a fact about a call that is over starts nothing and changes nothing', () => {
    const desk = aCallDesk()
    desk.script('ended')
    desk.script('hint', { remoteName: 'Nobody' })
    expect(desk.reports()).toEqual([])
  })
})

describe('several sources of one call', () => {
  it('a call that the microphone reveals gets the number and name of the contact URL before it', () => {
    const desk = aCallDesk()
    desk.dispatch({
      kind: 'fact',
      fact: {
        source: 'contact-url',
        state: 'ringing',
        remoteNumber: '+33240112233',
        remoteName: 'Girard',
        direction: 'inbound',
      },
    })
    desk.microphone('talking')
    desk.pass(5_000)
    expect(desk.alive()).toHaveLength(1)
    expect(desk.last()).toMatchObject({ phase: 'talking', remoteName: 'Girard', recording: 'recording' })
  })

  it('a call gets the number of a hint shortly before it, but not of one long before', () => {
    const desk = aCallDesk()
    desk.dispatch({ kind: 'fact', fact: { source: 'client-window', state: 'hint', remoteNumber: '0611' } })
    desk.microphone('talking')
    desk.pass(1_000)
    expect(desk.last().remoteNumber).toBe('0611')
    const later = aCallDesk()
    later.dispatch({ kind: 'fact', fact: { source: 'client-window', state: 'hint', remoteNumber: '0611' } })
    later.pass(callTuning.hintMs)
    later.microphone('talking')
    later.pass(1_000)
    expect(later.last().remoteNumber).toBeUndefined()
  })

  it('a microphone in use for a moment is no call and is never reported', () => {
    const desk = aCallDesk()
    desk.microphone('talking')
    desk.pass(callTuning.startDebounceMs - 1)
    desk.microphone('ended')
    desk.pass(60_000)
    expect(desk.reports()).toEqual([])
    expect(desk.alive()).toEqual([])
  })

  it('a change of headset does not end a call; a released microphone does, at the time of its release', () => {
    const desk = aCallDesk()
    desk.microphone('talking')
    desk.pass(10_000)
    desk.microphone('ended')
    desk.pass(1_500)
    desk.microphone('talking')
    desk.pass(10_000)
    expect(desk.last().phase).toBe('talking')
    desk.microphone('ended')
    desk.pass(callTuning.endDebounceMs)
    expect(desk.last()).toMatchObject({ phase: 'wrap-up', endedAtMs: 1_021_500 })
    expect(desk.did()).toEqual(['begin', 'seal'])
  })

  it('a second call that rings meanwhile is a separate call and does not change the first one', () => {
    const desk = aCallDesk()
    desk.script('talking', { leg: 'a' })
    desk.script('ringing', { leg: 'b', remoteNumber: '0799' })
    desk.script('ended', { leg: 'b' })
    expect(desk.alive().map(({ phase }) => phase.at)).toEqual(['talking'])
    expect(desk.last()).toMatchObject({ phase: 'missed', remoteNumber: '0799' })
  })
})

describe('whether a call is recorded', () => {
  it('[S2] a call is recorded only once the policy of the site is known and confirmed, then also in mid-call', () => {
    const desk = aCallDesk({ policy: 'unknown' })
    desk.script('talking')
    expect(desk.last().recording).toBe('refused')
    desk.dispatch({ kind: 'policy', policy: unconfirmed })
    expect(desk.did()).toEqual([])
    desk.dispatch({ kind: 'policy', policy: confirmedPolicy })
    expect(desk.last().recording).toBe('recording')
    expect(desk.begun()[0]?.consent).toEqual({ basis: 'announcement', ruleVersion: 2 })
  })

  it('[S2] recording stops for good when the site withdraws its confirmation', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.dispatch({ kind: 'policy', policy: unconfirmed })
    expect(desk.did()).toEqual(['begin', 'seal'])
    desk.dispatch({ kind: 'policy', policy: confirmedPolicy })
    expect(desk.did()).toEqual(['begin', 'seal'])
  })

  it('[S3] a call of an extension that opted out is not recorded', () => {
    const desk = aCallDesk({ extension: '299' })
    desk.script('talking')
    expect(desk.last().recording).toBe('refused')
    expect(desk.did()).toEqual([])
  })

  it('[S3] a call from a number that opted out is not recorded; known only in mid-call, the recording is erased', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.script('hint', { remoteNumber: '06 12 34 56 78' })
    expect(desk.did()).toEqual(['begin', 'erase'])
    expect(desk.last().recording).toBe('refused')
    desk.script('held')
    desk.script('talking')
    expect(desk.did()).toEqual(['begin', 'erase'])
  })

  it.each(['+3225123456', '025123456', '003225123456', '02/512.34.56'])(
    '[S3] a call of the Belgian subscriber who opted out is not recorded, calling as %s',
    (remoteNumber) => {
      const optOut = { extensions: [], numbers: ['02 512 34 56'] }
      const desk = aCallDesk({ policy: { ...confirmedPolicy, country: 'BE', optOut } })
      desk.script('ringing', { remoteNumber })
      desk.script('talking')
      expect(desk.last().recording).toBe('refused')
    },
  )

  it('[S3] a number that opted out, known only after the recording ended, erases the recording too', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.userAction('stop')
    desk.script('hint', { remoteNumber: '06 12 34 56 78' })
    expect(desk.did()).toEqual(['begin', 'seal', 'erase'])
    expect(desk.last().recording).toBe('refused')
  })
})

describe("the technician's actions", () => {
  it('a pause lasts until the technician resumes the recording, also over a hold', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.userAction('pause')
    expect(desk.last().recording).toBe('paused')
    desk.script('held')
    desk.script('talking')
    expect(desk.last().recording).toBe('paused')
    desk.userAction('resume')
    expect(desk.last().recording).toBe('recording')
    expect(desk.did()).toEqual(['begin', 'pause', 'resume'])
  })

  it('a call on hold is not recorded, and its recording resumes by itself', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.script('held')
    desk.script('talking')
    expect(desk.did()).toEqual(['begin', 'pause', 'resume'])
  })

  it('a pause requested on hold keeps the recording paused when the talk goes on', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.script('held')
    desk.userAction('pause')
    desk.script('talking')
    expect(desk.last().recording).toBe('paused')
    expect(desk.did()).toEqual(['begin', 'pause'])
  })

  it('a stop completes the recording, and nothing starts one again in this call', () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.userAction('stop')
    desk.script('held')
    desk.script('talking')
    desk.dispatch({ kind: 'policy', policy: confirmedPolicy })
    expect(desk.did()).toEqual(['begin', 'seal'])
    expect(desk.last()).toMatchObject({ phase: 'talking', recording: 'complete' })
  })

  it("[R10] 'do not record this call' erases in mid-call and in wrap-up, once", () => {
    const desk = aCallDesk()
    desk.script('talking')
    desk.userAction('erase')
    desk.userAction('erase')
    desk.script('ended')
    expect(desk.did()).toEqual(['begin', 'erase'])
    expect(desk.last().recording).toBe('erased')
    const late = aCallDesk()
    late.script('talking')
    late.script('ended')
    late.dispatch({ kind: 'user-action', action: 'erase', callId: late.last().callId })
    expect(late.did()).toEqual(['begin', 'seal', 'erase'])
  })

  it('a call that is erased while it rings is never recorded', () => {
    const desk = aCallDesk()
    desk.script('ringing')
    desk.userAction('erase')
    desk.script('talking')
    expect(desk.did()).toEqual([])
    expect(desk.last().recording).toBe('erased')
  })

  it('the start and stop buttons make a call where no source detects one', () => {
    const desk = aCallDesk()
    desk.userAction('start')
    expect(desk.last()).toMatchObject({ phase: 'talking', recording: 'recording' })
    desk.userAction('stop')
    expect(desk.last()).toMatchObject({ phase: 'wrap-up', recording: 'complete' })
  })

  it('a mark counts only while the call is recorded', () => {
    const desk = aCallDesk()
    desk.userAction('mark')
    desk.script('talking')
    desk.userAction('mark')
    desk.userAction('pause')
    desk.userAction('mark')
    expect(desk.did()).toEqual(['begin', 'mark', 'pause'])
  })
})

describe('a recording that cannot begin', () => {
  it('a recording that cannot begin is tried again while the call lasts, under the same id', () => {
    let state: CallsState = noCalls
    const commands: CallCommand[] = []
    const step = (event: CallEvent, nowMs: number) => {
      const next = stepCalls(state, event, {
        nowMs,
        wallClockMs: nowMs,
        extension: '1',
        newId: () => 'id-000001',
        tuning: callTuning,
      })
      state = next.state
      commands.push(...next.commands)
    }
    step({ kind: 'policy', policy: confirmedPolicy }, 0)
    step({ kind: 'fact', fact: { source: 'script', state: 'talking' } }, 0)
    const begin = commands.find((command) => command.kind === 'begin')!
    step({ kind: 'recording-failed', callId: begin.callId, recordingId: begin.recordingId }, 10)
    expect(nextCallTickMs(state)).toBe(10 + callTuning.retryRecordingMs)
    step({ kind: 'tick' }, 10 + callTuning.retryRecordingMs)
    expect(commands.filter((command) => command.kind === 'begin')).toHaveLength(2)
    step(
      {
        kind: 'recording-begun',
        callId: begin.callId,
        recordingId: begin.recordingId,
      },
      6_000,
    )
    expect(state.calls[0]?.recording.at).toBe('on')
  })

  it('a pause of the technician outlives a recording that failed to begin, until the technician resumes', () => {
    let state: CallsState = noCalls
    const commands: CallCommand[] = []
    const step = (event: CallEvent, nowMs: number) => {
      const context = {
        nowMs,
        wallClockMs: nowMs,
        extension: '1',
        newId: () => 'id-000001',
        tuning: callTuning,
      }
      const next = stepCalls(state, event, context)
      state = next.state
      commands.push(...next.commands)
    }
    const begins = () => commands.flatMap((command) => (command.kind === 'begin' ? [command] : []))
    step({ kind: 'policy', policy: confirmedPolicy }, 0)
    step({ kind: 'fact', fact: { source: 'script', state: 'talking' } }, 0)
    const { callId, recordingId } = begins()[0]!
    step({ kind: 'user-action', action: 'pause' }, 5)
    step({ kind: 'recording-failed', callId, recordingId }, 10)
    step({ kind: 'tick' }, 10 + callTuning.retryRecordingMs)
    expect(begins().map(({ paused }) => paused)).toEqual([false, true])
    step({ kind: 'user-action', action: 'resume' }, 6_000)
    step({ kind: 'recording-begun', callId, recordingId }, 6_001)
    expect(state.calls[0]?.recording.at).toBe('on')
    expect(commands.map((command) => command.kind)).toContain('resume')
  })

  it('a pause requested while the call rings applies when the recording begins', () => {
    const desk = aCallDesk()
    desk.script('ringing')
    desk.userAction('pause')
    desk.script('talking')
    expect(desk.begun()).toMatchObject([{ paused: true }])
    expect(desk.last().recording).toBe('paused')
  })

  it('an outcome of another recording changes nothing', () => {
    const desk = aCallDesk()
    desk.script('talking')
    const { callId } = desk.last()
    const before = desk.alive()
    desk.dispatch({ kind: 'recording-failed', callId, recordingId: 'rec-other-0001' as never })
    expect(desk.alive()).toEqual(before)
  })
})

describe('after a restart', () => {
  const stored = (more: Partial<CallSnapshot> = {}): CallSnapshot => ({
    ...(() => {
      const desk = aCallDesk()
      desk.script('talking')
      return desk.last()
    })(),
    ...more,
  })

  it('[R4] a restored call goes on with the same recording when a source still reports it', () => {
    const desk = aCallDesk()
    const call = stored()
    desk.dispatch({ kind: 'restored', call, lastSeenMs: 1_000_500 })
    desk.microphone('talking')
    desk.pass(10_000)
    expect(desk.begun()).toEqual([
      expect.objectContaining({ recordingId: call.recordingId, callId: call.callId, paused: false }),
    ])
    expect(desk.last()).toMatchObject({
      callId: call.callId,
      phase: 'talking',
      talkingSinceMs: call.talkingSinceMs,
    })
  })

  it('a restored call that no source reports ended when it was last seen, and its recording is completed', () => {
    const desk = aCallDesk()
    desk.dispatch({ kind: 'restored', call: stored(), lastSeenMs: 1_000_500 })
    desk.pass(callTuning.restoreMs)
    expect(desk.last()).toMatchObject({ phase: 'wrap-up', endedAtMs: 1_000_500, recording: 'complete' })
    expect(desk.did()).toEqual(['seal'])
  })

  it('a recording that the technician had paused is still paused after a restart', () => {
    const desk = aCallDesk()
    desk.dispatch({ kind: 'restored', call: stored({ recording: 'paused' }), lastSeenMs: 1_000_500 })
    desk.script('talking')
    expect(desk.begun()[0]).toMatchObject({ paused: true })
    expect(desk.last().recording).toBe('paused')
  })

  it('an erased recording stays erased after a restart', () => {
    const desk = aCallDesk()
    desk.dispatch({ kind: 'restored', call: stored({ recording: 'erased' }), lastSeenMs: 0 })
    desk.script('talking')
    expect(desk.did()).toEqual([])
  })
})
