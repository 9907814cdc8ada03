import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import { applyRecovery } from '../call/applyRecovery.ts'
import { createHubInbox } from '../hub/hubInbox.ts'
import { startWhole } from '../process/startWhole.ts'
import { startUpkeep } from '../replication/upkeep.ts'
import type { Agent } from './agent.ts'
import type { AgentNeeds } from './agentNeeds.ts'
import { eraseRecording, openWiring, wireCalls, wireDrafts, wireRecorder, wireReplicator } from './wiring.ts'

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
    takeBackJoin: (callId) => void hub.send({ kind: 'join-take-back', callId }),
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
