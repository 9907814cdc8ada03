import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { CallId, RecordingId } from '@3cx-ninja/protocol'
import { applyRecovery } from '../call/applyRecovery.ts'
import type { CallFact, UserAction } from '../call/callState.ts'
import type { DraftController } from '../drafts/draftController.ts'
import { createHubInbox } from '../hub/hubInbox.ts'
import { startWhole } from '../process/startWhole.ts'
import type { Recordings } from '../recordings/recordingFile.ts'
import { startUpkeep } from '../replication/upkeep.ts'
import type { AgentView } from './agentEvents.ts'
import type { AgentNeeds } from './agentNeeds.ts'
import { eraseRecording, openWiring, wireCalls, wireDrafts, wireRecorder, wireReplicator } from './wiring.ts'

export interface Agent {
  /** Applies what a source reports about a call. */
  fact(fact: CallFact): void
  /** Applies a user action to the call with this id, or to the call at hand. */
  act(action: UserAction, callId?: CallId): void
  readonly drafts: Pick<DraftController, 'shown' | 'edit' | 'decide' | 'answer' | 'cards'>
  /** The recordings on this disk, for playback. */
  readonly recordings: Pick<Recordings, 'list' | 'read' | 'space'>
  view(): AgentView
  /** Opens the link again at once, after this PC slept or changed its network. */
  resumed(): void
  /** Enrolls again at the hub of the settings, once, and opens the link. Rejects with an `EnrollError` that names the remedy. */
  enroll(key: string): Promise<void>
  /** Erases a recording after its call, here and on the hub as soon as the hub answers. Resolves once the erasure is durable here. */
  eraseRecording(of: { readonly callId: CallId; readonly recordingId: RecordingId }): Promise<void>
  /** Offers refused recordings to the hub again. */
  offerAgain(): void
  /** Rejects with the remedy when the hub refuses this agent for good. */
  readonly refused: Promise<never>
  /** Stops every part, and leaves a running call as a restart finds it. Safe twice. */
  stop(): Promise<void>
}

/**
 * Starts the agent: opens its files, wires its parts to each other, restores interrupted calls, and attaches to the hub. Rejects with
 * the remedy, with everything closed again. Knows nothing of windows and command lines: those live in electron/, web/ and headless/.
 */
export const startAgent = (needs: AgentNeeds): Promise<Agent> =>
  startWhole(needs.log, (closers) => startParts(needs, closers))

async function startParts(needs: AgentNeeds, closers: Closers): Promise<Agent> {
  const wiring = await openWiring(needs, closers)
  const { recordings, store, policy, hub, report } = wiring
  const recorder = wireRecorder(wiring, () => calls)
  const calls = wireCalls(wiring, recorder)
  const drafts = wireDrafts(wiring, calls)
  const replicator = wireReplicator(wiring, calls)

  // Closed in reverse: running recordings are written before the hub is left, and nothing reads closed files.
  closers.add('hub', () => hub.stop())
  closers.add('replicator', () => replicator.stop())
  closers.add('recorder', () => recorder.stop())
  closers.add('calls', () => calls.stop())
  const inbox = createHubInbox({
    ...needs,
    store,
    policy,
    calls,
    drafts,
    replicator,
    send: hub.send,
    background: wiring.background,
  })

  if (policy.value.settings) calls.policy(policy.value.settings)
  await applyRecovery({ recordings, store, calls, onUserError: report })
  const upkeep = startUpkeep({ recordings, clock: needs.clock, onUserError: report })
  closers.add('upkeep', () => upkeep.stop())
  hub.attach(inbox)

  return {
    fact: (fact) => calls.fact(fact),
    act: (action, callId) => calls.action(action, callId),
    drafts,
    recordings,
    refused: hub.refused,
    resumed: hub.resumed,
    enroll: (key) => hub.enroll(key),
    async eraseRecording({ callId, recordingId }) {
      recorder.carryOut({ kind: 'erase', callId, recordingId })
      await eraseRecording(wiring, { recordingId })
      needs.onEvent({ kind: 'recording', recordingId, callId, state: 'erased' })
    },
    offerAgain: () => replicator.rules(),
    view: () => ({
      link: hub.at(),
      consentConfirmed: policy.value.settings?.consent.confirmed === true,
      ...(policy.value.settings ? { rules: policy.value.settings } : {}),
      calls: calls.calls(),
      drafts: drafts.cards(),
      replicas: replicator.view(),
      alarms: wiring.alarms,
      unconfirmed: store.unstored().length + store.erasures().length,
    }),
    stop: closers.closeAll,
  }
}
