import type { AgentToHub, Clock, HubToAgent, LinkState } from '@3cx-ninja/protocol'
import type { AgentEvent } from '../app/agentEvents.ts'
import type { CallShell } from '../call/callShell.ts'
import type { CallStore } from '../call/callStore.ts'
import type { HubSource } from '../detection/hubSource.ts'
import type { DraftController } from '../drafts/draftController.ts'
import type { ReplicationMessage, Replicator } from '../replication/replicator.ts'
import type { DurableFile } from '../storage/durableFile.ts'
import type { HubRules } from './hubRules.ts'

/** The parts that the messages of the hub concern. */
export interface HubInboxNeeds {
  readonly store: CallStore
  readonly policy: DurableFile<HubRules>
  readonly calls: Pick<CallShell, 'policy'>
  readonly drafts: Pick<DraftController, 'received' | 'linkUp' | 'linkDown'>
  readonly replicator: Pick<Replicator, 'received' | 'rules' | 'linkUp' | 'linkDown'>
  readonly hubSource?: Pick<HubSource, 'receive' | 'link'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly send: (message: AgentToHub) => boolean
  readonly onEvent: (event: AgentEvent) => void
  /** Runs a detached promise; reports its rejection. */
  readonly background: (work: Promise<unknown>) => void
}

/**
 * Returns the handlers of the link: a message calls the part that it concerns, and a state of the link is reported to every
 * part.
 */
export function createHubInbox(needs: HubInboxNeeds) {
  const { store, policy, calls, drafts, replicator, send, onEvent, background } = needs

  const onMessage = (message: HubToAgent) => {
    switch (message.kind) {
      case 'call-stored':
        return background(store.stored(message.callId, message.revision))
      case 'call-identified': {
        const { alias, call } = message
        background(store.identified(alias, call.callId))
        onEvent({
          kind: 'identified',
          callId: alias,
          canonicalId: call.callId,
          ...(call.caller ? { caller: call.caller } : {}),
          ...(call.join ? { join: { reason: call.join.reason, numbers: call.join.numbers } } : {}),
        })
        return
      }
      case 'call-fact':
      case 'pbx-link':
        return needs.hubSource?.receive(message, store.ownId)
      case 'recording-erased':
        background(store.erased(message.recordingId))
        // The copy may have left this disk long ago: its transcript, and a copy fetched for playback, are erased here, too.
        onEvent({ kind: 'recording', recordingId: message.recordingId, state: 'erased', reason: 'erased' })
        return replicator.received(message)
      case 'utterance':
        return onEvent({
          kind: 'utterance',
          callId: store.ownId(message.callId),
          utterance: message.utterance,
        })
      case 'draft':
      case 'draft-refused':
        return drafts.received(message)
      case 'agent-settings':
        background(policy.save({ version: 1, settings: message }))
        calls.policy(message)
        replicator.rules()
        onEvent({
          kind: 'settings',
          consentConfirmed: message.consent.confirmed,
          countdownMs: message.countdownMs,
        })
        return
      case 'part-position':
      case 'part-refused':
      case 'records-flushed':
      case 'recording-safe':
        return replicator.received(message satisfies ReplicationMessage)
    }
  }
  const onState = (state: LinkState) => {
    onEvent({
      kind: 'link',
      at: state.at,
      ...(state.at === 'waiting' ? { why: state.why } : {}),
      ...(state.at === 'refused' ? { why: state.meaning } : {}),
      ...(state.at === 'open'
        ? { hub: { version: state.welcome.hubVersion, timeMs: state.welcome.hubTimeMs } }
        : {}),
    })
    needs.hubSource?.link(state.at === 'open' ? state.welcome.hubTimeMs : undefined)
    if (state.at === 'open') {
      // Calls before their recordings, so that the hub knows whose they are.
      // Running calls too: the hub may have presumed them over meanwhile.
      for (const { call } of store.calls()) send({ kind: 'call-report', call, sentAtMs: needs.clock.nowMs() })
      for (const recordingId of store.erasures()) send({ kind: 'recording-erase', recordingId })
      drafts.linkUp()
      replicator.linkUp()
    } else {
      drafts.linkDown()
      replicator.linkDown()
    }
  }

  return { onMessage, onState }
}
