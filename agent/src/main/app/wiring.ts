import path from 'node:path'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import { makePrivateFolder } from '@3cx-ninja/node-kit/privateFolder.ts'
import {
  language as languageSchema,
  toError,
  type AgentSettings,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { Alarm } from '../capture/recording/silenceWatch.ts'
import { createRecorder } from '../capture/recording/recorder.ts'
import { createCallShell, type CallShell } from '../call/callShell.ts'
import { openCallStore, type CallStore } from '../call/callStore.ts'
import { callTuning } from '../call/tuning.ts'
import { createDraftController, type DraftController } from '../drafts/draftController.ts'
import { openPendingChangeStore, type PendingChangeStore } from '../drafts/pendingChangeStore.ts'
import { createHubAttachment, type HubAttachment } from '../hub/hubAttachment.ts'
import { hubRules, type HubRules } from '../hub/hubRules.ts'
import { causeOf } from '../process/log.ts'
import { readUserError, userError } from '../process/userError.ts'
import { unreadable } from '../recordings/loadRecording.ts'
import { openRecordings, type Recordings } from '../recordings/recordingFile.ts'
import { createLiveTail, type LiveTail } from '../replication/liveTail.ts'
import { createReplicator, type Replicator } from '../replication/replicator.ts'
import { openDurableFile, type DurableFile } from '../storage/durableFile.ts'
import type { AgentNeeds } from './agentNeeds.ts'

/** What the parts of the agent share while they are wired to each other. */
export interface Wiring {
  readonly needs: AgentNeeds
  /** Logs an error and shows it to the technician. Never throws. */
  readonly report: (error: Error) => void
  /** Runs a detached promise; reports its rejection as not saved. */
  readonly background: (work: Promise<unknown>) => void
  readonly recordings: Recordings
  readonly store: CallStore
  readonly changes: PendingChangeStore
  readonly policy: DurableFile<HubRules>
  readonly hub: HubAttachment
  readonly tail: LiveTail
  alarms: readonly Alarm[]
}

/** Opens the files of the agent and its attachment to the hub. Rejects with the remedy when the folder cannot be used. */
export async function openWiring(needs: AgentNeeds, closers: Closers): Promise<Wiring> {
  const { clock, log, onEvent } = needs
  for (const shared of await makePrivateFolder(needs.folder)) log.warn({ ...shared }, 'data-folder.shared')
  const inFolder = (name: string) => path.join(needs.folder, name)
  const report = (error: Error) => {
    log.error({ cause: causeOf(error) }, 'agent.user-error')
    onEvent({ kind: 'user-error', message: error.message, info: readUserError(error) })
  }
  const onBroken = ({ keptAs, detail }: { keptAs: string; detail: string }) => {
    log.error({ keptAs, detail }, 'file.broken')
    const words = `A file of the agent was damaged; it is kept as ${keptAs}, and a new one begun.`
    report(userError('file-damaged', words, { facts: { file: keptAs } }))
  }
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
  return {
    needs,
    report,
    background: (work) =>
      void work.catch((cause: unknown) => report(userError('not-saved', toError(cause).message, { cause }))),
    recordings,
    store: await openCallStore({ path: inFolder('calls.json'), masterKey, onBroken }),
    changes: await openPendingChangeStore({ path: inFolder('pending-changes.json'), masterKey, onBroken }),
    policy: await openDurableFile({
      path: inFolder('hub-rules.json'),
      schema: hubRules,
      empty: { version: 1 },
      onBroken,
    }),
    hub: createHubAttachment({
      ...needs,
      onEnrolled: ({ agentId, hubName }) => onEvent({ kind: 'enrolled', agentId, hubName }),
      onUserError: report,
    }),
    tail: createLiveTail(),
    alarms: [],
  }
}

/** Creates the recorder, which asks `calls` only while calls run. */
export function wireRecorder(wiring: Wiring, calls: () => CallShell): ReturnType<typeof createRecorder> {
  const { needs, recordings, tail, policy, report } = wiring
  const { settings, onEvent } = needs
  return createRecorder({
    recordings,
    tail,
    clock: needs.clock,
    source: needs.source,
    codec: needs.codec,
    extension: () => settings.value.extension,
    language: () => speechLanguage(settings.value.language, policy.value.settings),
    isTalking: () => calls().isTalkedHere(),
    onBegun: (of) => {
      calls().recordingBegun(of)
      onEvent({ kind: 'recording', recordingId: of.recordingId, callId: of.callId, state: 'begun' })
    },
    onFailed: (of) => calls().recordingFailed(of),
    onAlarms: (alarms) => {
      wiring.alarms = alarms
      onEvent({ kind: 'alarm', alarms })
    },
    onDevice({ recordingId, ...change }) {
      const call = callWith(calls(), recordingId)
      if (call) onEvent({ kind: 'device', callId: call.callId, ...change })
    },
    onUserError: report,
  })
}

/** Erases a recording here and on the hub. Resolves once the erasure is durable here; the hub follows when it is back. */
export async function eraseRecording(
  { tail, store, hub }: Wiring,
  { recordingId }: { readonly recordingId: RecordingId },
): Promise<void> {
  tail.drop(recordingId)
  // A full disk must not keep the hub from erasing.
  await store.mustErase(recordingId).finally(() => hub.send({ kind: 'recording-erase', recordingId }))
}

/** Creates the shell of the calls, which drives the recorder and reports to screen and hub. */
export function wireCalls(wiring: Wiring, recorder: ReturnType<typeof createRecorder>): CallShell {
  const { needs, store, hub, background } = wiring
  const calls: CallShell = createCallShell({
    clock: needs.clock,
    newId: needs.newId,
    tuning: needs.callTuning ?? callTuning,
    extension: () => needs.settings.value.extension,
    recording(command) {
      recorder.carryOut(command)
      if (command.kind === 'erase') background(eraseRecording(wiring, command))
    },
    report(call, to) {
      needs.onEvent({ kind: 'call', call })
      if (to === 'screen') return
      // The disk comes first, then the hub; a full disk must not keep the hub from the report.
      background(
        store
          .report(call)
          .finally(() => hub.send({ kind: 'call-report', call, sentAtMs: needs.clock.nowMs() })),
      )
    },
    onChange: () => recorder.arm(calls.needsAudio()),
  })
  return calls
}

/** Creates the controller of the drafts; a decided draft ends the wrap-up of its call. */
export function wireDrafts(wiring: Wiring, calls: CallShell): DraftController {
  const { needs, changes, store, hub, report } = wiring
  const { onEvent } = needs
  return createDraftController({
    clock: needs.clock,
    send: hub.send,
    store: changes,
    onSaveFailed: (cause) => report(userError('not-saved', toError(cause).message, { cause })),
    onPendingChange: ({ draft }) => onEvent({ kind: 'pending-change', callId: store.ownId(draft.callId) }),
    onChange({ draft, refused }) {
      const callId = store.ownId(draft.callId)
      onEvent({ kind: 'draft', callId, draft, ...(refused ? { refused } : {}) })
      if (draft.state.at === 'filed' || draft.state.at === 'discarded') calls.decided(callId)
    },
  })
}

/** Creates the replicator of the recordings to the hub; a recording that the hub erased erases its call's, too. */
export function wireReplicator(
  { needs, recordings, tail, hub, report }: Wiring,
  calls: CallShell,
): Replicator {
  const { clock, log, onEvent } = needs
  return createReplicator({
    recordings,
    tail,
    clock,
    link: hub,
    onRemoved(recordingId, why) {
      onEvent({ kind: 'recording', recordingId, state: why === 'safe' ? 'safe' : 'erased', reason: why })
      const call = callWith(calls, recordingId)
      if (why !== 'safe' && call) calls.action('erase', call.callId)
    },
    onRefused(recordingId, reason) {
      log.error({ recordingId, reason }, 'recording.refused')
      onEvent({ kind: 'recording', recordingId, state: 'refused', reason })
    },
    onUserError: report,
    onChange: () => undefined,
  })
}

const callWith = (calls: CallShell, recordingId: RecordingId) =>
  calls.calls().find((each) => each.recordingId === recordingId)

function speechLanguage(chosen: string | undefined, hub: AgentSettings | undefined) {
  const parsed = languageSchema.safeParse(chosen ?? hub?.language ?? 'fr')
  return parsed.success ? parsed.data : 'fr'
}
