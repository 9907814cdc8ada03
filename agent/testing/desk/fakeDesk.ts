import { answerCall, type Handlers } from '../../src/ipc/answerCall.ts'
import type { DeskEvent } from '../../src/ipc/channels.ts'
import type { DeskLine, DeskSnapshot } from '../../src/ipc/deskSnapshot.ts'
import { FUNCTION_NAMES, type FunctionName } from '../../src/ipc/functionNames.ts'
import type { Desk } from '../../src/main/desk/desk.ts'

interface Asked {
  readonly name: FunctionName
  readonly input: unknown
}

/** Returns a desk that publishes the state a test gives it and records the page's calls. The real schemas parse its answers. */
export function createFakeDesk(
  first: { readonly desk: DeskSnapshot; readonly lines?: readonly DeskLine[] },
  answers: Partial<Handlers> = {},
) {
  let shown = first
  const listeners = new Set<(event: DeskEvent) => void>()
  const asked: Asked[] = []
  const publish = (listener: (event: DeskEvent) => void) => {
    listener({ kind: 'snapshot', desk: shown.desk })
    const { shown: id } = shown.desk
    if (id) listener({ kind: 'lines', callId: id, extent: 'all', lines: [...(shown.lines ?? [])] })
    listener({ kind: 'levels', agent: 0.12, caller: 0.4 })
  }
  const standard: Handlers = {
    actOnCall: () => ({}),
    showDraft: () => ({}),
    editDraft: () => ({ outcome: 'sent' }),
    decideDraft: () => ({ outcome: 'sent' }),
    answerPendingChange: () => ({ outcome: 'sent' }),
    searchCalls: () => ({ calls: [], total: 0 }),
    openCall: () => ({ call: null, audio: { at: 'gone', why: 'hub-away' } }),
    sendAgain: () => ({ outcome: 'nothing-waits' }),
    saveSettings: () => ({ ok: true }),
    findHubs: () => ({ hubs: [] }),
    setUp: () => ({ ok: true, hubName: 'Helpdesk' }),
    listDevices: () => ({ at: 'unknown', source: 'file' }),
    listMicrophonePrograms: () => ({ programs: [] }),
    testSound: () => ({ ok: true, audible: ['agent'], url: 'audio/test.wav' }),
    diagnose: () => ({ atMs: 0, version: '0.1.0', machine: 'test', checks: [] }),
    dismissUserError: () => ({}),
  }
  const handlers = { ...standard, ...answers }
  const desk: Pick<Desk, 'connect'> = {
    connect(listener) {
      listeners.add(listener)
      publish(listener)
      return {
        call(call) {
          const name = FUNCTION_NAMES.find((each) => each === call.name)
          if (name) asked.push({ name, input: call.input })
          return answerCall(handlers, call, () => undefined)
        },
        close: () => void listeners.delete(listener),
      }
    },
  }
  return {
    ...desk,
    asked,
    show(next: typeof first) {
      shown = next
      for (const listener of listeners) publish(listener)
    },
  }
}
