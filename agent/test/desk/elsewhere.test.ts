import { expect, it } from 'vitest'
import { callSnapshot } from '@3cx-ninja/protocol'
import { projectCall } from '../../src/main/desk/projectDesk.ts'

const NOW = { wallClockMs: 1_767_225_660_000, monotonicMs: 60_000 }
const call = callSnapshot.parse({
  callId: 'HUB-CALL-0001',
  revision: 3,
  phase: 'talking',
  direction: 'inbound',
  extension: '201',
  remoteNumber: '+33240112233',
  startedAtMs: 1_767_225_600_000,
  talkingSinceMs: 1_767_225_610_000,
  recording: 'none',
  elsewhere: true,
})

it('[C6] a call at another telephone is shown with its number and time, and as not recorded', () => {
  const shown = projectCall({ call, byHand: false }, true, NOW)
  expect(shown).toMatchObject({
    number: '+33240112233',
    talk: { at: 'on', forMs: 50_000 },
    recording: { at: 'elsewhere' },
  })
})

it('a call at another telephone that was recorded here before shows the state of its recording', () => {
  const shown = projectCall({ call: { ...call, recording: 'paused' }, byHand: false }, true, NOW)
  expect(shown.recording).toEqual({ at: 'paused' })
})
