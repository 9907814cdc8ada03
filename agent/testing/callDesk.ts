import { expect } from 'vitest'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { nextCallTickMs, stepCalls } from '../src/main/call/callMachine.ts'
import {
  noCalls,
  type CallCommand,
  type CallEvent,
  type CallFact,
  type CallsState,
  type RecordingPolicy,
} from '../src/main/call/callState.ts'
import { callTuning } from '../src/main/call/tuning.ts'

/** Wall clock at the start of each desk. */
export const WALL_CLOCK_MS = 1_000_000

/** The policy of a site that has confirmed recording; one number has opted out. */
export const confirmedPolicy: RecordingPolicy = {
  consent: { confirmed: true, basis: 'announcement', ruleVersion: 2, text: '' },
  country: 'FR',
  optOut: { extensions: ['299'], numbers: ['+33612345678'] },
}

/** Returns the call machine of one desk: the desk accepts events, begins each recording at once, and keeps every command. */
export function aCallDesk({
  policy = confirmedPolicy,
  extension = '201',
}: { policy?: RecordingPolicy | 'unknown'; extension?: string } = {}) {
  let state: CallsState = noCalls
  let nowMs = 0
  let ids = 0
  const commands: CallCommand[] = []
  const dispatch = (event: CallEvent) => {
    const newId = () => `id-${String((ids += 1)).padStart(6, '0')}`
    const context = { nowMs, wallClockMs: WALL_CLOCK_MS + nowMs, extension, newId, tuning: callTuning }
    const step = stepCalls(state, event, context)
    state = step.state
    commands.push(...step.commands)
    for (const command of step.commands) {
      if (command.kind === 'begin') dispatch({ ...command, kind: 'recording-begun' })
    }
  }
  if (policy !== 'unknown') dispatch({ kind: 'policy', policy })
  const reports = (to?: 'hub' | 'screen') =>
    commands.flatMap((command) =>
      command.kind === 'report' && (to === undefined || command.to === to) ? [command.call] : [],
    )
  return {
    dispatch,
    commands: commands as readonly CallCommand[],
    script: (state: CallFact['state'], more: Partial<CallFact> = {}) =>
      dispatch({ kind: 'fact', fact: { source: 'script', state, ...more } }),
    microphone: (state: 'talking' | 'ended') =>
      dispatch({ kind: 'fact', fact: { source: 'microphone', state } }),
    userAction: (userAction: Extract<CallEvent, { kind: 'user-action' }>['action']) =>
      dispatch({ kind: 'user-action', action: userAction }),
    /** Advances time as the shell does, with a tick at each due time. */
    pass(ms: number) {
      const end = nowMs + ms
      for (let due = nextCallTickMs(state); due !== undefined && due <= end; due = nextCallTickMs(state)) {
        expect(due, 'time moves on').toBeGreaterThan(nowMs - 1)
        nowMs = Math.max(due, nowMs)
        const before = state
        dispatch({ kind: 'tick' })
        expect(state, 'a due tick changes something').not.toEqual(before)
      }
      nowMs = end
    },
    reports,
    last: (): CallSnapshot => reports().at(-1)!,
    did: () => commands.flatMap((command) => (command.kind === 'report' ? [] : [command.kind])),
    begun: () => commands.flatMap((command) => (command.kind === 'begin' ? [command] : [])),
    alive: () => state.calls,
  }
}
