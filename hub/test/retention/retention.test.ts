import { describe, expect, it, onTestFinished } from 'vitest'
import { DAY_MS, HOUR_MS, type CallId, type RecordingId } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { planRetention, type KeptAudio, type KeptText } from '../../src/retention/planRetention.ts'
import { startRetention } from '../../src/retention/retention.ts'
import type { RetentionStore } from '../../src/retention/retentionStore.ts'

const NOW = 1_000 * DAY_MS
const ago = (days: number) => NOW - days * DAY_MS
const R1 = 'recording-0001' as RecordingId
const C1 = 'CALL-00000001' as CallId

describe('the retention plan', () => {
  const anAudio = (change: Partial<KeptAudio> = {}): KeptAudio => ({ recordingId: R1, callId: C1, doneAtMs: ago(1), touchedAtMs: ago(1), ...change }) // prettier-ignore
  const aText = (change: Partial<KeptText> = {}): KeptText => ({ recordingId: R1, callId: C1, doneAtMs: ago(1), newestAtMs: ago(1), ...change }) // prettier-ignore
  const plan = (
    what: { audio?: KeptAudio[]; text?: KeptText[]; unsettled?: string[] },
    audioDays = 30,
    transcriptDays = 90,
  ) => {
    const { audio, text } = planRetention({ audio: what.audio ?? [], text: what.text ?? [], unsettled: new Set(what.unsettled), rules: { audioDays, transcriptDays }, nowMs: NOW }) // prettier-ignore
    return { audio: audio.length, text: text.length }
  }
  it.each([
    ['audio transcribed yesterday', { audio: [anAudio()] }, { audio: 0, text: 0 }],
    ['audio transcribed 30 days ago', { audio: [anAudio({ doneAtMs: ago(30) })] }, { audio: 1, text: 0 }],
    ['audio transcribed 30 days ago of a call whose ticket is unsettled', { audio: [anAudio({ doneAtMs: ago(30) })], unsettled: [C1] }, { audio: 0, text: 0 }], // prettier-ignore
    ['untranscribed audio after 29 days', { audio: [anAudio({ doneAtMs: null, touchedAtMs: ago(29) })] }, { audio: 0, text: 0 }], // prettier-ignore
    [
      'untranscribed audio after 30 days',
      { audio: [anAudio({ doneAtMs: null, touchedAtMs: ago(30) })] },
      { audio: 1, text: 0 },
    ],
    ['text transcribed 90 days ago', { text: [aText({ doneAtMs: ago(90) })] }, { audio: 0, text: 1 }],
    ['text transcribed 89 days ago', { text: [aText({ doneAtMs: ago(89) })] }, { audio: 0, text: 0 }],
    [
      'text transcribed 90 days ago of an open draft',
      { text: [aText({ doneAtMs: ago(90) })], unsettled: [C1] },
      { audio: 0, text: 0 },
    ],
    ['text of 90 days ago whose transcription never ended, without audio', { text: [aText({ doneAtMs: null, newestAtMs: ago(90) })] }, { audio: 0, text: 1 }], // prettier-ignore
    ['text of 90 days ago whose transcription never ended, with audio', { audio: [anAudio({ doneAtMs: null })], text: [aText({ doneAtMs: null, newestAtMs: ago(90) })] }, { audio: 0, text: 0 }], // prettier-ignore
  ])('decides whether to delete %s', (_, what, expected) => {
    expect(plan(what)).toEqual(expected)
  })

  it('deletes audio once transcribed at a setting of 0 days, and untranscribed audio after 30 days', () => {
    expect(plan({ audio: [anAudio({ doneAtMs: NOW })] }, 0)).toEqual({ audio: 1, text: 0 })
    expect(plan({ audio: [anAudio({ doneAtMs: null, touchedAtMs: ago(29) })] }, 0)).toEqual({
      audio: 0,
      text: 0,
    })
  })
})

function aStore(unsettled: string[] = [], lastSureMs: number | null = null) {
  const clock = createFakeClock(NOW)
  const ids = [1, 2, 3].map((number) => `recording-000${number}` as RecordingId)
  const sound = new Set(ids)
  const text = new Set(ids)
  const broken = new Set<string>()
  const callOf = (recordingId: string) => `CALL-${recordingId}` as CallId
  const remove = (from: Set<RecordingId>) => (recordingId: RecordingId) => {
    if (broken.has(recordingId)) return Promise.reject(new Error('input/output error'))
    from.delete(recordingId)
    return Promise.resolve()
  }
  const marks: number[] = []
  const store: RetentionStore = {
    lastTrustedMs: () => Promise.resolve(lastSureMs),
    saveTrusted: (wallClockMs) =>
      broken.has('mark')
        ? Promise.reject(new Error('disk full'))
        : Promise.resolve(void marks.push(wallClockMs)),
    progressOf: () => Promise.resolve(ids.map((recordingId) => ({ recordingId, doneAtMs: ago(100) }))),
    oldText: () => Promise.resolve([...text].map((recordingId) => ({ recordingId, callId: callOf(recordingId), doneAtMs: ago(100), newestAtMs: ago(100) }))), // prettier-ignore
    removeText: remove(text),
    unsettled: () => Promise.resolve(unsettled),
    oldCalls: () => Promise.resolve([]),
    forgetCalls: () => Promise.resolve({ callIds: [], recordingIds: [] }),
    strayRecordings: () => Promise.resolve([]),
    forgetRecordings: () => Promise.resolve(),
  }
  const events: string[] = []
  const retention = startRetention({
    recordings: {
      list: () =>
        [...sound].map((recordingId) => ({
          recordingId,
          callId: callOf(recordingId),
          updatedAtMs: ago(100),
        })) as never, // only these fields are read
      remove: remove(sound),
    },
    store,
    clock,
    rules: { audioDays: 30, transcriptDays: 90 },
    isOnBoard: () => false,
    onForgotten: () => undefined,
    log: (event) => void events.push(event),
  })
  onTestFinished(() => retention.stop())
  return { retention, clock, sound, text, broken, events, marks, callOf }
}

it('deletes expired audio and text, and logs each deletion', async () => {
  const { retention, sound, text, events } = aStore()
  await retention.sweep()
  expect([sound.size, text.size]).toEqual([0, 0])
  expect(events.filter((event) => event === 'retention.audio-deleted')).toHaveLength(3)
  expect(events.filter((event) => event === 'retention.text-deleted')).toHaveLength(3)
})

it('deletes the other recordings when one fails, and that one an hour later', async () => {
  const { retention, sound, text, broken, events, clock } = aStore()
  broken.add('recording-0001')
  await retention.sweep()
  expect([[...sound], [...text]]).toEqual([['recording-0001'], ['recording-0001']])
  expect(events).toContain('retention.failed')
  broken.clear()
  await clock.advance(HOUR_MS)
  await retention.sweep()
  expect([sound.size, text.size]).toEqual([0, 0])
})

it('keeps everything of unsettled calls', async () => {
  const { retention, sound, text } = aStore(['CALL-recording-0002'])
  await retention.sweep()
  expect([[...sound], [...text]]).toEqual([['recording-0002'], ['recording-0002']])
})

it('deletes nothing after stop', async () => {
  const { retention, sound, clock } = aStore()
  await retention.stop()
  await clock.advance(HOUR_MS)
  await retention.sweep()
  expect(sound.size).toBe(3)
})

describe('a wall clock that leaps ahead', () => {
  /** Creates a store whose audio and text expire only when the clock leaps. */
  const aYoungStore = async (lastSureMs: number | null = null) => {
    const world = aStore([], lastSureMs)
    world.clock.jumpWallClock(-75 * DAY_MS) // audio and text are 25 days old
    await world.retention.sweep()
    expect(world.sound.size).toBe(3)
    return world
  }
  const left = ({ sound, text }: { sound: Set<unknown>; text: Set<unknown> }) => [sound.size, text.size]

  it('suspends deletion when the clock leaps ahead, and logs it once with its remedy', async () => {
    const world = await aYoungStore()
    world.clock.jumpWallClock(365 * DAY_MS)
    await world.retention.sweep()
    await world.clock.advance(5 * HOUR_MS)
    await world.retention.sweep()
    expect(left(world)).toEqual([3, 3])
    expect(world.events).toEqual(['retention.suspended'])
    const { state, reason, remedy } = world.retention.health()
    expect([state, reason, remedy]).toEqual([
      'degraded',
      expect.stringContaining('365.0 days ahead'),
      expect.stringContaining('Set the clock'),
    ])
  })

  it('resumes deletion once the clock has been steady for three days since its last leap', async () => {
    const world = await aYoungStore()
    world.clock.jumpWallClock(300 * DAY_MS)
    await world.clock.advance(2 * DAY_MS)
    world.clock.jumpWallClock(30 * DAY_MS)
    await world.clock.advance(3 * DAY_MS)
    expect(left(world)).toEqual([3, 3])
    await world.clock.advance(HOUR_MS)
    await world.retention.sweep()
    expect(left(world)).toEqual([0, 0])
    expect(world.events).toContain('retention.resumed')
    expect(world.retention.health()).toEqual({ state: 'ok' })
  })

  it('resumes deletion at once when the clock is set right, and has lost nothing', async () => {
    const world = await aYoungStore()
    world.clock.jumpWallClock(365 * DAY_MS)
    await world.clock.advance(DAY_MS)
    expect(world.retention.health().state).toBe('degraded')
    world.clock.jumpWallClock(-365 * DAY_MS)
    expect(world.retention.health().state).toBe('ok')
    await world.retention.sweep()
    expect(left(world)).toEqual([3, 3]) // they are 26 days old
    await world.clock.advance(4 * DAY_MS)
    await world.retention.sweep()
    expect(left(world)).toEqual([0, 3])
  })

  it.each([
    ['a hub that was off for months, or whose clock leapt while it was off', 120, [3, 3]],
    ['a hub that was off for a weekend', 3, [0, 0]],
    ['a hub that last ran ahead of now', -120, [0, 0]],
  ])(
    'deletes expired data at once, or after three steady days, at the start of %s',
    async (_, days, expected) => {
      const world = aStore([], ago(days))
      await world.retention.sweep()
      expect(left(world)).toEqual(expected)
      await world.clock.advance(3 * DAY_MS + HOUR_MS)
      await world.retention.sweep()
      expect(left(world)).toEqual([0, 0])
    },
  )

  it('stays healthy on a machine that starts in 1970 and gets the time a minute later', async () => {
    const world = aStore([], ago(1))
    world.clock.jumpWallClock(-NOW)
    await world.retention.sweep()
    expect(left(world)).toEqual([3, 3])
    world.clock.jumpWallClock(NOW)
    await world.retention.sweep()
    expect(left(world)).toEqual([0, 0])
    expect(world.events).not.toContain('retention.suspended')
    expect(world.marks.every((wallClockMs) => wallClockMs >= ago(1))).toBe(true)
  })

  it('goes on deleting when only the clock’s mark cannot be stored', async () => {
    const world = aStore()
    world.broken.add('mark')
    await world.retention.sweep()
    expect(left(world)).toEqual([0, 0])
    expect(world.events).toContain('retention.failed')
  })
})
