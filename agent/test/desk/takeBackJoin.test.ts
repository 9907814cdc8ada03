import { expect, it } from 'vitest'
import { callId, callSnapshot } from '@3cx-ninja/protocol'
import { projectCall } from '../../src/main/desk/projectDesk.ts'

const NOW = { wallClockMs: 1_767_225_660_000, monotonicMs: 60_000 }
const call = callSnapshot.parse({
  callId: callId.parse('AGENT-CALL-0001'),
  revision: 3,
  phase: 'talking',
  direction: 'inbound',
  extension: '201',
  startedAtMs: 1_767_225_600_000,
  recording: 'recording',
})

it('[C13] [A3] the card shows why the PBX’s caller is this call’s, until the join is taken back', () => {
  const join = { reason: 'only-candidate', numbers: 'unknown' } as const
  expect(projectCall({ call, byHand: false, join }, true, NOW)).toMatchObject({ join })
  expect(projectCall({ call, byHand: false }, true, NOW)).not.toHaveProperty('join')
})
