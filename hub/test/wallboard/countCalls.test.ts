import { expect, it } from 'vitest'
import { HOUR_MS, type CallPhase } from '@3cx-ninja/protocol'
import { countCalls } from '../../src/wallboard/countCalls.ts'

const call = (phase: CallPhase, conversation?: string, startedAtMs = 0) => ({
  phase,
  startedAtMs,
  ...(conversation === undefined ? {} : { conversation }),
})

it.each([
  ['calls without a conversation', [call('done'), call('missed'), call('talking')], 3, 1],
  [
    'a conversation that rang at three telephones and was answered at one',
    [call('missed', '880'), call('done', '880'), call('missed', '880')],
    1,
    0,
  ],
  [
    'a conversation that rang at three telephones and was answered at none',
    [call('missed', '880'), call('missed', '880'), call('missed', '880')],
    1,
    1,
  ],
  ['a conversation name that the PBX reused', [call('missed', '880'), call('done', '880', HOUR_MS)], 2, 1],
  ['two conversations at the same time', [call('missed', '880'), call('missed', '881', 5)], 2, 2],
] as const)('counts calls and missed calls of %s', (_, calls, total, missed) => {
  expect(countCalls(calls)).toEqual({ total, missed })
  expect(countCalls([...calls].reverse())).toEqual({ total, missed })
})
