import { describe, expect, it } from 'vitest'
import { callId, recordingId, type CallSnapshot } from '@3cx-ninja/protocol'
import { applyRecovery } from '../../src/main/call/applyRecovery.ts'
import { planRecovery } from '../../src/main/call/recoverCalls.ts'
import type { LocalRecording } from '../../src/main/recordings/recordingFile.ts'
import { aHeader } from '../../testing/memoryRecordings.ts'

const RECORDING = recordingId.parse('recording-1')
const { callId: CALL, startedAtMs: BEGAN_MS } = aHeader('recording-1', 1)
const aRecording = (
  change: Partial<LocalRecording> & { readonly position?: number } = {},
): LocalRecording => {
  const { position = 200, ...rest } = change
  return {
    recordingId: RECORDING,
    sealed: false,
    parts: [{ header: aHeader('recording-1', 1), position, endSample: 0, closed: true }],
    ...rest,
  }
}
const aCall = (change: Partial<CallSnapshot> = {}): CallSnapshot => ({
  callId: CALL,
  revision: 3,
  phase: 'talking',
  direction: 'inbound',
  extension: '201',
  startedAtMs: BEGAN_MS - 1,
  talkingSinceMs: BEGAN_MS,
  recordingId: RECORDING,
  recording: 'recording',
  ...change,
})
const plan = (found: Partial<Parameters<typeof planRecovery>[0]>) =>
  planRecovery({ stored: [], erasures: [], recordings: [], ...found })
const stored = (call: CallSnapshot) => ({ call, storedRevision: -1 })

describe('what a start makes of what the last one left', () => {
  it('a start that finds nothing plans nothing', () => {
    expect(plan({})).toEqual({ restore: [], seal: [], remove: [] })
  })

  it('[R4] a call that was on waits for a source, last seen when its audio ended; its recording stays open', () => {
    const { restore, seal } = plan({ stored: [stored(aCall())], recordings: [aRecording({ position: 200 })] })
    // 200 records are ten seconds of both channels
    expect(restore).toEqual([{ call: aCall(), lastSeenMs: BEGAN_MS + 10_000 }])
    expect(seal).toEqual([])
  })

  it('a recording on disk corrects a call report that the process had no time to write', () => {
    const { recordingId: _none, ...rest } = aCall({ recording: 'none' })
    const begun = plan({ stored: [stored(rest)], recordings: [aRecording()] })
    expect(begun.restore[0]?.call).toMatchObject({ recordingId: RECORDING, recording: 'recording' })
    const sealed = plan({ stored: [stored(aCall())], recordings: [aRecording({ sealed: true })] })
    expect(sealed.restore[0]?.call.recording).toBe('complete')
  })

  it('a paused recording stays paused over a start', () => {
    const call = aCall({ recording: 'paused' })
    expect(plan({ stored: [stored(call)], recordings: [aRecording()] }).restore[0]?.call.recording).toBe(
      'paused',
    )
  })

  it('a call that is over is not restored, and its recording is completed', () => {
    const call = aCall({ phase: 'done', endedAtMs: BEGAN_MS + 20_000 })
    const found = plan({ stored: [stored(call)], recordings: [aRecording()] })
    expect(found).toEqual({ restore: [], seal: [RECORDING], remove: [] })
  })

  it('a recording without a stored call is completed, and the hub learns that the call is over', () => {
    const found = plan({ recordings: [aRecording()] })
    expect(found.seal).toEqual([RECORDING])
    expect(found.restore).toMatchObject([
      {
        call: {
          callId: CALL,
          phase: 'wrap-up',
          recordingId: RECORDING,
          recording: 'complete',
          endedAtMs: BEGAN_MS + 10_000,
        },
      },
    ])
    expect(found.restore[0]!.call.revision).toBeGreaterThanOrEqual(1_000)
  })

  it('a complete recording whose call is over only waits for the hub', () => {
    expect(plan({ recordings: [aRecording({ sealed: true })] })).toEqual({
      restore: [],
      seal: [],
      remove: [],
    })
  })

  it.each([
    ['by a request that the hub has not confirmed', { erasures: [RECORDING] }],
    ['by the call’s own report', { stored: [stored(aCall({ phase: 'done', recording: 'erased' }))] }],
  ])('[R10] a recording erased %s is removed, and not completed', (_, found) => {
    const { remove, seal } = plan({ ...found, recordings: [aRecording()] })
    expect({ remove, seal }).toEqual({ remove: [RECORDING], seal: [] })
  })
})

describe('the sweep at a start', () => {
  it('a recovery that fails in part reports each failure, goes on with the rest, and still restores the calls', async () => {
    const done: string[] = []
    const userErrors: string[] = []
    const other = recordingId.parse('recording-2')
    await applyRecovery({
      recordings: {
        list: () => [
          aRecording(),
          {
            ...aRecording(),
            recordingId: other,
            parts: [{ header: aHeader('recording-2', 1), position: 2, endSample: 0, closed: true }],
          },
        ],
        remove: () => Promise.reject(new Error('EIO')),
        sealUnfinished: () => Promise.reject(new Error('ENOSPC')),
      },
      store: {
        calls: () => [stored(aCall({ callId: callId.parse('call-on-0001') }))],
        report: () => Promise.reject(new Error('ENOSPC')),
        erasures: () => [RECORDING],
      },
      calls: { restored: (call) => void done.push(call.callId) },
      onUserError: ({ message }) => userErrors.push(message),
    })
    expect(userErrors).toHaveLength(3)
    for (const userError of userErrors)
      expect(userError).toContain('free some disk space, then restart the agent')
    expect(done).toEqual(['call-on-0001', aHeader('recording-2', 1).callId])
  })
})
