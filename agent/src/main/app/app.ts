import path from 'node:path'
import { mkdir } from 'node:fs/promises'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import {
  language as languageSchema,
  type AgentSettings,
  type CallId,
  type Clock,
  type LinkTuning,
  type Random,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { AgentEvent, AgentView } from './agentEvents.ts'
import { createCallShell, type CallShell } from '../call/callShell.ts'
import type { CallFact, UserAction } from '../call/callState.ts'
import { openCallStore } from '../call/callStore.ts'
import { applyRecovery } from '../call/applyRecovery.ts'
import { callTuning, type CallTuning } from '../call/tuning.ts'
import { startWhole } from '../process/startWhole.ts'
import type { AudioSource } from '../capture/sources/audioSource.ts'
import type { BlockCodec } from '../capture/recording/blockCodec.ts'
import { createRecorder } from '../capture/recording/recorder.ts'
import type { Alarm } from '../capture/recording/silenceWatch.ts'
import { createDraftController, type DraftController } from '../drafts/draftController.ts'
import { openPendingChangeStore } from '../drafts/pendingChangeStore.ts'
import type { HubSource } from '../detection/hubSource.ts'
import { createHubAttachment } from '../hub/hubAttachment.ts'
import { createHubInbox } from '../hub/hubInbox.ts'
import { hubRules } from '../hub/hubRules.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { unreadable } from '../recordings/loadRecording.ts'
import { openRecordings, type Recordings } from '../recordings/recordingFile.ts'
import { createLiveTail } from '../replication/liveTail.ts'
import { createReplicator } from '../replication/replicator.ts'
import { startUpkeep } from '../replication/upkeep.ts'
import type { Secrets } from '../process/secrets.ts'
import type { SettingsFile } from '../process/settings.ts'
import { userError, readUserError } from '../process/userError.ts'
import { openDurableFile } from '../storage/durableFile.ts'

export interface AgentNeeds {
  /** Recordings, reports and the hub's last rules lie here. */
  readonly folder: string
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly enrollmentKey: string
  readonly source: AudioSource
  readonly codec: BlockCodec
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Logger
  readonly version: string
  readonly machine: string
  readonly callTuning?: CallTuning
  readonly linkTuning?: LinkTuning
  readonly onEvent: (event: AgentEvent) => void
  /** Hears what the hub tells of calls while they go on. */
  readonly hubSource?: Pick<HubSource, 'receive' | 'link'>
}

export interface Agent {
  fact(fact: CallFact): void
  act(action: UserAction, callId?: CallId): void
  readonly drafts: Pick<DraftController, 'shown' | 'edit' | 'decide' | 'answer' | 'cards'>
  /** What lies on this disk, to be heard again. */
  readonly recordings: Pick<Recordings, 'list' | 'read' | 'space'>
  view(): AgentView
  /** This PC slept or changed its network: the hub is looked for at once. */
  resumed(): void
  /** Enrolls anew at the hub of the settings, once, and opens the link. Rejects with the remedy. */
  enroll(key: string): Promise<void>
  /** 'Do not record' after the call: here, and at the hub as soon as it answers. Durable when resolved. */
  eraseRecording(of: { readonly callId: CallId; readonly recordingId: RecordingId }): Promise<void>
  /** Offers once more what the hub refused. */
  offerAgain(): void
  /** Rejects with the remedy when the hub refuses this agent for good. */
  readonly refused: Promise<never>
  /** Leaves a call that is on as a restart would find it; safe twice. */
  stop(): Promise<void>
}

/** Wires the parts of the agent. Electron and the headless agent both start here. */
export const startAgent = (needs: AgentNeeds): Promise<Agent> =>
  startWhole(needs.log, (closers) => startParts(needs, closers))

async function startParts(needs: AgentNeeds, closers: Closers): Promise<Agent> {
  const { clock, log, settings, onEvent } = needs
  await mkdir(needs.folder, { recursive: true, mode: 0o700 })
  const inFolder = (name: string) => path.join(needs.folder, name)
  const onBroken = ({ keptAs, detail }: { keptAs: string; detail: string }) => {
    log.error({ keptAs, detail }, 'file.broken')
    const words = `A file of the agent was damaged; it is kept as ${keptAs}, and a new one begun.`
    report(userError('file-damaged', words, { facts: { file: keptAs } }))
  }
  const report = (error: Error) => {
    log.error({ cause: causeOf(error) }, 'agent.trouble')
    onEvent({ kind: 'user-error', message: error.message, info: readUserError(error) })
  }
  const background = (doing: Promise<unknown>) =>
    void doing.catch((cause: unknown) => report(userError('not-saved', toError(cause).message, { cause })))

  const masterKey = createMasterKey(needs.secrets.masterKey)
  const recordings = await openRecordings({
    folder: inFolder('recordings'),
    masterKey,
    clock,
    onRepaired(found) {
      log.warn({ ...found }, 'recording.repaired')
      const lost = unreadable(found)
      if (lost) report(lost)
    },
  })
  closers.add('recordings', () => recordings.stop())
  const store = await openCallStore({ path: inFolder('calls.json'), onBroken })
  const wishes = await openPendingChangeStore({ path: inFolder('pending-changes.json'), masterKey, onBroken })
  const policy = await openDurableFile({
    path: inFolder('hub-rules.json'),
    schema: hubRules,
    empty: { version: 1 },
    onBroken,
  })

  let alarms: readonly Alarm[] = []
  const hub = createHubAttachment({
    ...needs,
    onEnrolled: ({ agentId, hubName }) => onEvent({ kind: 'enrolled', agentId, hubName }),
    onUserError: report,
  })
  const { send } = hub

  const tail = createLiveTail()
  const recorder = createRecorder({
    recordings,
    tail,
    clock,
    source: needs.source,
    codec: needs.codec,
    extension: () => settings.value.extension,
    language: () => speechLanguage(settings.value.language, policy.value.settings),
    isTalking: () => calls.isTalkedHere(),
    onBegun: (of) => {
      calls.recordingBegun(of)
      onEvent({ kind: 'recording', recordingId: of.recordingId, callId: of.callId, state: 'begun' })
    },
    onFailed: (of) => calls.recordingFailed(of),
    onAlarms: (next) => {
      alarms = next
      onEvent({ kind: 'alarm', alarms })
    },
    onDevice({ recordingId, ...change }) {
      const call = calls.calls().find((each) => each.recordingId === recordingId)
      if (call) onEvent({ kind: 'device', callId: call.callId, ...change })
    },
    onUserError: report,
  })

  const erase = async ({ recordingId }: { readonly recordingId: RecordingId }) => {
    tail.drop(recordingId)
    // A full disk must not keep the hub from erasing.
    await store.mustErase(recordingId).finally(() => send({ kind: 'recording-erase', recordingId }))
  }
  const calls: CallShell = createCallShell({
    clock,
    newId: needs.newId,
    tuning: needs.callTuning ?? callTuning,
    extension: () => settings.value.extension,
    recording(command) {
      recorder.carryOut(command)
      if (command.kind === 'erase') background(erase(command))
    },
    report(call, to) {
      onEvent({ kind: 'call', call })
      if (to === 'screen') return
      // First on disk, then to the hub; a full disk must not keep the hub from knowing.
      background(store.report(call).finally(() => send({ kind: 'call-report', call })))
    },
    onChange: () => recorder.arm(calls.needsAudio()),
  })
  const drafts = createDraftController({
    clock,
    send,
    store: wishes,
    onSaveFailed: (cause) => report(userError('not-saved', toError(cause).message, { cause })),
    onPendingChange: ({ draft }) => onEvent({ kind: 'pending-change', callId: store.ownId(draft.callId) }),
    onChange({ draft, refused: why }) {
      const callId = store.ownId(draft.callId)
      onEvent({ kind: 'draft', callId, draft, ...(why ? { refused: why } : {}) })
      if (draft.state.at === 'filed' || draft.state.at === 'discarded') calls.decided(callId)
    },
  })
  const replicator = createReplicator({
    recordings,
    tail,
    clock,
    link: hub,
    onRemoved(recordingId, why) {
      onEvent({ kind: 'recording', recordingId, state: why === 'safe' ? 'safe' : 'erased', reason: why })
      const call = calls.calls().find((each) => each.recordingId === recordingId)
      if (why !== 'safe' && call) calls.action('erase', call.callId)
    },
    onRefused(recordingId, reason) {
      log.error({ recordingId, reason }, 'recording.refused')
      onEvent({ kind: 'recording', recordingId, state: 'refused', reason })
    },
    onUserError: report,
    onChange: () => undefined,
  })

  // In this order: what is heard is written before the hub is left, and nothing reads files that are closed.
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
    send,
    onEvent,
    background,
  })

  if (policy.value.settings) calls.policy(policy.value.settings)
  await applyRecovery({ recordings, store, calls, onUserError: report })
  const upkeep = startUpkeep({ recordings, clock, onUserError: report })
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
      await erase({ recordingId })
      onEvent({ kind: 'recording', recordingId, callId, state: 'erased' })
    },
    offerAgain: () => replicator.rules(),
    view: () => ({
      link: hub.at(),
      consentConfirmed: policy.value.settings?.consent.confirmed === true,
      ...(policy.value.settings ? { rules: policy.value.settings } : {}),
      calls: calls.calls(),
      drafts: drafts.cards(),
      replicas: replicator.view(),
      alarms,
      unconfirmed: store.unstored().length + store.erasures().length,
    }),
    stop: closers.closeAll,
  }
}

function speechLanguage(own: string | undefined, hub: AgentSettings | undefined) {
  const parsed = languageSchema.safeParse(own ?? hub?.language ?? 'fr')
  return parsed.success ? parsed.data : 'fr'
}

const toError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
