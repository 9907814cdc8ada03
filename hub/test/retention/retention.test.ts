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

describe('what has lived long enough', () => {
  const sound = (change: Partial<KeptAudio> = {}): KeptAudio => ({ recordingId: R1, callId: C1, doneAtMs: ago(1), touchedAtMs: ago(1), ...change }) // prettier-ignore
  const words = (change: Partial<KeptText> = {}): KeptText => ({ recordingId: R1, callId: C1, doneAtMs: ago(1), newestAtMs: ago(1), ...change }) // prettier-ignore
  const plan = (
    what: { audio?: KeptAudio[]; text?: KeptText[]; unsettled?: string[] },
    audioDays = 30,
    transcriptDays = 90,
  ) => {
    const { audio, text } = planRetention({ audio: what.audio ?? [], text: what.text ?? [], unsettled: new Set(what.unsettled), rules: { audioDays, transcriptDays }, nowMs: NOW }) // prettier-ignore
    return { sound: audio.length, words: text.length }
  }
  it.each([
    ['sound transcribed yesterday', { audio: [sound()] }, { sound: 0, words: 0 }],
    ['sound transcribed 30 days ago', { audio: [sound({ doneAtMs: ago(30) })] }, { sound: 1, words: 0 }],
    ['… of a call whose ticket is on its way', { audio: [sound({ doneAtMs: ago(30) })], unsettled: [C1] }, { sound: 0, words: 0 }], // prettier-ignore
    ['sound that no worker could transcribe, after 29 days', { audio: [sound({ doneAtMs: null, touchedAtMs: ago(29) })] }, { sound: 0, words: 0 }], // prettier-ignore
    ['… after 30 days', { audio: [sound({ doneAtMs: null, touchedAtMs: ago(30) })] }, { sound: 1, words: 0 }],
    ['words of 90 days ago', { text: [words({ doneAtMs: ago(90) })] }, { sound: 0, words: 1 }],
    ['… of 89', { text: [words({ doneAtMs: ago(89) })] }, { sound: 0, words: 0 }],
    [
      '… of a draft that is open',
      { text: [words({ doneAtMs: ago(90) })], unsettled: [C1] },
      { sound: 0, words: 0 },
    ],
    ['words of a transcription that never ended, its sound gone', { text: [words({ doneAtMs: null, newestAtMs: ago(90) })] }, { sound: 0, words: 1 }], // prettier-ignore
    ['… its sound still there', { audio: [sound({ doneAtMs: null })], text: [words({ doneAtMs: null, newestAtMs: ago(90) })] }, { sound: 0, words: 0 }], // prettier-ignore
  ])('%s', (_, what, expected) => {
    expect(plan(what)).toEqual(expected)
  })

  it('keeps no sound once it is transcribed where the settings say 0 days, and still 30 days what is not', () => {
    expect(plan({ audio: [sound({ doneAtMs: NOW })] }, 0)).toEqual({ sound: 1, words: 0 })
    expect(plan({ audio: [sound({ doneAtMs: null, touchedAtMs: ago(29) })] }, 0)).toEqual({
      sound: 0,
      words: 0,
    })
  })
})

function aStore(unsettled: string[] = []) {
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
  const store: RetentionStore = {
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
    isSpokenOf: () => false,
    onForgotten: () => undefined,
    onEvent: (event) => void events.push(event),
  })
  onTestFinished(() => retention.stop())
  return { retention, clock, sound, text, broken, events, callOf }
}

it('deletes sound and words, and tells of each', async () => {
  const { retention, sound, text, events } = aStore()
  await retention.sweep()
  expect([sound.size, text.size]).toEqual([0, 0])
  expect(events.filter((event) => event === 'retention.audio-deleted')).toHaveLength(3)
  expect(events.filter((event) => event === 'retention.text-deleted')).toHaveLength(3)
})

it('deletes the others when one cannot be deleted, and that one an hour later', async () => {
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

it('leaves calls alone that are not settled', async () => {
  const { retention, sound, text } = aStore(['CALL-recording-0002'])
  await retention.sweep()
  expect([[...sound], [...text]]).toEqual([['recording-0002'], ['recording-0002']])
})

it('deletes nothing more once it is stopped', async () => {
  const { retention, sound, clock } = aStore()
  await retention.stop()
  await clock.advance(HOUR_MS)
  await retention.sweep()
  expect(sound.size).toBe(3)
})
