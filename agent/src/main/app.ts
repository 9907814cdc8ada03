import path from 'node:path'
import { mkdir } from 'node:fs/promises'
import {
  agentSettings,
  language as languageSchema,
  type AgentSettings,
  type CallId,
  type Clock,
  type HubToAgent,
  type LinkState,
  type LinkTuning,
  type Random,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { z } from 'zod'
import type { AgentEvent, AgentView } from './agentEvents.ts'
import { createCallShell, type CallShell } from './call/callShell.ts'
import type { CallFact, CallWish } from './call/callState.ts'
import { openCallStore } from './call/callStore.ts'
import { applyRecovery } from './call/applyRecovery.ts'
import { callTuning, type CallTuning } from './call/tuning.ts'
import type { AudioSource } from './capture/audioSource.ts'
import type { BlockCodec } from './capture/blockCodec.ts'
import { createRecorder } from './capture/recorder.ts'
import type { Alarm } from './capture/soundWatch.ts'
import { createDraftDesk, type DraftDesk } from './drafts/draftDesk.ts'
import { openWishStore } from './drafts/wishStore.ts'
import { createHubAttachment } from './hub/hubAttachment.ts'
import { causeOf, type Logger } from './log.ts'
import { unreadable } from './recordings/loadRecording.ts'
import { openRecordings, type Recordings } from './recordings/recordingFile.ts'
import { createLiveTail } from './replication/liveTail.ts'
import { createReplicator, type ReplicationMessage } from './replication/replicator.ts'
import { startUpkeep } from './replication/upkeep.ts'
import type { Secrets } from './secrets.ts'
import type { SettingsFile } from './settings.ts'
import { aTrouble, readTrouble } from './trouble.ts'
import { openDurableFile } from './storage/durableFile.ts'

export interface AgentNeeds {
  /** Recordings, reports and the hub's last rules lie here. */
  readonly folder: string
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly enrolmentKey: string
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
}

export interface Agent {
  fact(fact: CallFact): void
  wish(wish: CallWish, callId?: CallId): void
  readonly drafts: Pick<DraftDesk, 'shown' | 'edit' | 'decide' | 'answer' | 'cards'>
  /** What lies on this disk, to be heard again. */
  readonly recordings: Pick<Recordings, 'list' | 'read' | 'space'>
  view(): AgentView
  /** This PC slept or changed its network: the hub is looked for at once. */
  woken(): void
  /** Enrols anew at the hub of the settings, once, and opens the link. Rejects with the remedy. */
  enrol(key: string): Promise<void>
  /** 'Do not record' after the call: here, and at the hub as soon as it answers. Durable when resolved. */
  eraseRecording(of: { readonly callId: CallId; readonly recordingId: RecordingId }): Promise<void>
  /** Offers once more what the hub refused. */
  offerAgain(): void
  /** Rejects with the remedy when the hub refuses this agent for good. */
  readonly refused: Promise<never>
  /** Leaves a call that is on as a restart would find it; safe twice. */
  stop(): Promise<void>
}

const noPolicy = z.object({ version: z.literal(1), settings: agentSettings.optional() })

/** Wires the parts of the agent. Electron and the headless agent both start here. */
export async function startAgent(needs: AgentNeeds): Promise<Agent> {
  const { clock, log, settings, onEvent } = needs
  await mkdir(needs.folder, { recursive: true, mode: 0o700 })
  const inFolder = (name: string) => path.join(needs.folder, name)
  const onBroken = ({ keptAs, detail }: { keptAs: string; detail: string }) => {
    log.error({ keptAs, detail }, 'file.broken')
    const words = `A file of the agent was damaged; it is kept as ${keptAs}, and a new one begun.`
    trouble(aTrouble('file-damaged', words, { facts: { file: keptAs } }))
  }
  const trouble = (error: Error) => {
    log.error({ cause: causeOf(error) }, 'agent.trouble')
    onEvent({ event: 'trouble', message: error.message, told: readTrouble(error) })
  }
  const background = (doing: Promise<unknown>) =>
    void doing.catch((cause: unknown) => trouble(aTrouble('not-noted', toError(cause).message, { cause })))

  const masterKey = createMasterKey(needs.secrets.masterKey)
  const recordings = await openRecordings({
    folder: inFolder('recordings'),
    masterKey,
    clock,
    onRepaired(found) {
      log.warn({ ...found }, 'recording.repaired')
      const lost = unreadable(found)
      if (lost) trouble(lost)
    },
  })
  const store = await openCallStore({ path: inFolder('calls.json'), onBroken })
  const wishes = await openWishStore({ path: inFolder('draft-wishes.json'), masterKey, onBroken })
  const policy = await openDurableFile({
    path: inFolder('hub-rules.json'),
    schema: noPolicy,
    empty: { version: 1 },
    onBroken,
  })

  let alarms: readonly Alarm[] = []
  const hub = createHubAttachment({
    ...needs,
    onEnrolled: ({ agentId, hubName }) => onEvent({ event: 'enrolled', agentId, hubName }),
    onTrouble: trouble,
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
    isTalking: () => calls.isHeard(),
    onBegun: (of) => {
      calls.recordingBegun(of)
      onEvent({ event: 'recording', recordingId: of.recordingId, callId: of.callId, state: 'begun' })
    },
    onFailed: (of) => calls.recordingFailed(of),
    onAlarms: (next) => {
      alarms = next
      onEvent({ event: 'alarm', alarms })
    },
    onTrouble: trouble,
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
      if (command.do === 'erase') background(erase(command))
    },
    report(call, to) {
      onEvent({ event: 'call', call })
      if (to === 'screen') return
      // First on disk, then to the hub; a full disk must not keep the hub from knowing.
      background(store.report(call).finally(() => send({ kind: 'call-report', call })))
    },
    onChange: () => recorder.arm(calls.wantsSound()),
  })
  const drafts = createDraftDesk({
    clock,
    send,
    store: wishes,
    onTrouble: (cause) => trouble(aTrouble('not-noted', toError(cause).message, { cause })),
    onChange({ draft, refused: why }) {
      const callId = store.ownId(draft.callId)
      onEvent({ event: 'draft', callId, draft, ...(why ? { refused: why } : {}) })
      if (draft.state.at === 'filed' || draft.state.at === 'discarded') calls.decided(callId)
    },
  })
  const replicator = createReplicator({
    recordings,
    tail,
    clock,
    link: hub,
    onRemoved(recordingId, why) {
      onEvent({ event: 'recording', recordingId, state: why === 'safe' ? 'safe' : 'erased', reason: why })
      const call = calls.calls().find((each) => each.recordingId === recordingId)
      if (why !== 'safe' && call) calls.wish('erase', call.callId)
    },
    onRefused(recordingId, reason) {
      log.error({ recordingId, reason }, 'recording.refused')
      onEvent({ event: 'recording', recordingId, state: 'refused', reason })
    },
    onTrouble: trouble,
    onChange: () => undefined,
  })

  const receive = (message: HubToAgent) => {
    switch (message.kind) {
      case 'call-stored':
        return background(store.stored(message.callId, message.revision))
      case 'call-identified': {
        const { alias, call } = message
        background(store.identified(alias, call.callId))
        onEvent({
          event: 'identified',
          callId: alias,
          canonicalId: call.callId,
          ...(call.caller ? { caller: call.caller } : {}),
        })
        return
      }
      case 'recording-erased':
        background(store.erased(message.recordingId))
        // Also of one whose copy has long gone from this disk: its words, and what was fetched to be heard, go here too.
        onEvent({ event: 'recording', recordingId: message.recordingId, state: 'erased', reason: 'erased' })
        return replicator.received(message)
      case 'utterance':
        return onEvent({
          event: 'utterance',
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
          event: 'settings',
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
      event: 'link',
      at: state.at,
      ...(state.at === 'waiting' ? { why: state.why } : {}),
      ...(state.at === 'refused' ? { why: state.meaning } : {}),
      ...(state.at === 'open'
        ? { hub: { version: state.welcome.hubVersion, timeMs: state.welcome.hubTimeMs } }
        : {}),
    })
    if (state.at === 'open') {
      // Calls before their recordings, so that the hub knows whose they are.
      // Those that are on too: the hub may have taken them to be over meanwhile.
      for (const { call } of store.calls()) send({ kind: 'call-report', call })
      for (const recordingId of store.erasures()) send({ kind: 'recording-erase', recordingId })
      drafts.linkUp()
      replicator.linkUp()
    } else {
      drafts.linkDown()
      replicator.linkDown()
    }
  }

  if (policy.value.settings) calls.policy(policy.value.settings)
  await applyRecovery({ recordings, store, calls, onTrouble: trouble })
  const upkeep = startUpkeep({ recordings, clock, onTrouble: trouble })
  hub.attach({ onMessage: receive, onState })

  let stopped: Promise<void> | undefined
  const stop = async () => {
    calls.stop()
    await upkeep.stop()
    await recorder.stop()
    await replicator.stop()
    await hub.stop()
    await recordings.stop()
  }
  return {
    fact: (fact) => calls.fact(fact),
    wish: (wish, callId) => calls.wish(wish, callId),
    drafts,
    recordings,
    refused: hub.refused,
    woken: hub.woken,
    enrol: (key) => hub.enrol(key),
    async eraseRecording({ callId, recordingId }) {
      recorder.carryOut({ do: 'erase', callId, recordingId })
      await erase({ recordingId })
      onEvent({ event: 'recording', recordingId, callId, state: 'erased' })
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
    stop: () => (stopped ??= stop()),
  }
}

function speechLanguage(own: string | undefined, hub: AgentSettings | undefined) {
  const parsed = languageSchema.safeParse(own ?? hub?.language ?? 'fr')
  return parsed.success ? parsed.data : 'fr'
}

const toError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
