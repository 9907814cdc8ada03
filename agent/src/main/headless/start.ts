import { hostname } from 'node:os'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Clock, Random } from '@3cx-ninja/protocol'
import type { Agent } from '../app/agent.ts'
import { startAgent } from '../app/app.ts'
import type { AgentEvent } from '../app/agentEvents.ts'
import { startWhole } from '../process/startWhole.ts'
import { loadBlockCodec } from '../capture/recording/blockCodec.ts'
import { createCallSources } from '../detection/callSources.ts'
import { createHubSource } from '../detection/hubSource.ts'
import { causeOf, type Logger } from '../process/log.ts'
import type { Arguments } from './arguments.ts'
import { createCallScript, type ScriptStep } from './callScript.ts'
import { openParts } from './openParts.ts'
import { readUserError } from '../process/userError.ts'
import { createTechnician } from './technician.ts'

export interface HeadlessNeeds {
  readonly arguments: Arguments
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Logger
  readonly version: string
  readonly onEvent: (event: AgentEvent, locale: 'fr' | 'en') => void
}

export interface HeadlessAgent {
  readonly agent: Agent
  step(step: ScriptStep): Promise<void>
  /** Resolves when at least one call was made, every draft is decided and every recording is safe. */
  readonly finished: Promise<void>
  stop(): Promise<void>
}

/** Starts the agent's core with a script for the telephone, a file or `parec` for the audio, and a scripted technician. Rejects with the remedy. */
export const startHeadless = (needs: HeadlessNeeds): Promise<HeadlessAgent> =>
  startWhole(needs.log, (closers) => startParts(needs, closers))

async function startParts(needs: HeadlessNeeds, closers: Closers): Promise<HeadlessAgent> {
  const { clock, log } = needs
  const options = needs.arguments
  const early: AgentEvent[] = []
  let deliver = (event: AgentEvent) => void early.push(event)
  const onUserError = (error: Error) => {
    log.error({ cause: causeOf(error) }, 'headless.user-error')
    deliver({ kind: 'user-error', message: error.message, info: readUserError(error) })
  }
  const { settings, secrets, source, file, callSources } = await openParts({ ...needs, onUserError })

  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const watch = createFinish(() => agent.view())
  const hubSource = createHubSource({ clock })
  const agent: Agent = await startAgent({
    hubSource,
    folder: options.data,
    settings,
    secrets,
    enrollmentKey: options['enrollment-key'],
    source,
    codec: await loadBlockCodec((cause) => log.warn({ cause: causeOf(cause) }, 'opus.unavailable')),
    clock,
    random: needs.random,
    newId: needs.newId,
    log,
    version: needs.version,
    machine: hostname(),
    onEvent: (event) => deliver(event),
  })
  closers.add('agent', () => agent.stop())
  const technician = createTechnician({
    drafts: agent.drafts,
    choice: options.decide,
    discardReason: options['discard-reason'],
  })
  deliver = (event: AgentEvent) => {
    needs.onEvent(event, settings.value.locale)
    watch.onEvent(event)
    if (event.kind === 'draft') technician.onDraft(event)
    if (event.kind === 'link' && event.at === 'open') technician.linkUp()
    if (watch.isFinished()) finish()
  }
  for (const event of early) deliver(event)
  const sources = createCallSources({
    sources: [...callSources, hubSource],
    clock,
    onFact: (fact) => agent.fact(fact),
    onUserError,
  })

  closers.add('call sources', () => sources.stop())
  const script = createCallScript({
    clock,
    speed: options.speed,
    fact: (fact) => agent.fact(fact),
    act: (action) => agent.act(action),
    play: () => file?.play(options['audio-from'] * 1_000),
    played: file?.played ?? Promise.resolve(),
  })
  closers.add('script', () => script.stop())
  return {
    agent,
    finished,
    step: (step) => script.add(step),
    stop: closers.closeAll,
  }
}

/** Learns from the events when nothing is left to do. */
function createFinish(view: () => ReturnType<Agent['view']>) {
  const undecided = new Set<string>()
  const decided = new Set<string>()
  return {
    onEvent(event: AgentEvent) {
      if (event.kind === 'call') {
        const { callId, phase } = event.call
        if (phase === 'missed') decided.add(callId)
        else if (!decided.has(callId)) undecided.add(callId)
      }
      if (event.kind === 'draft' && ['filed', 'discarded'].includes(event.draft.state.at)) {
        decided.add(event.callId)
        undecided.delete(event.callId)
      }
    },
    isFinished: () =>
      decided.size > 0 && undecided.size === 0 && view().replicas.length === 0 && view().calls.length === 0,
  }
}
