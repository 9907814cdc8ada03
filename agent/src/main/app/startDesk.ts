import { networkInterfaces } from 'node:os'
import path from 'node:path'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import { createMasterKey, type MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { Clock, Random, RecordingId } from '@3cx-ninja/protocol'
import type { Agent } from './agent.ts'
import { startAgent } from './app.ts'
import type { AgentEvent } from './agentEvents.ts'
import type { AudioSource } from '../capture/sources/audioSource.ts'
import { startWhole } from '../process/startWhole.ts'
import { loadBlockCodec } from '../capture/recording/blockCodec.ts'
import type { CallSource } from '../detection/callSource.ts'
import { createCallSources, type NamedSourceState } from '../detection/callSources.ts'
import { createHubSource } from '../detection/hubSource.ts'
import { createDesk, type Desk } from '../desk/desk.ts'
import type { CallSourceHealth, DeskPlatform } from '../desk/ports.ts'
import { withLevels, type Levels } from '../capture/recording/levelMeter.ts'
import { createSoundTest } from '../desk/soundTest.ts'
import { watchNetwork } from '../hub/watchNetwork.ts'
import { loadBlockDecoders } from '../history/blockDecoder.ts'
import { openHistory } from '../history/historyStore.ts'
import { createHubCopies, type HubCopies } from '../history/hubCopies.ts'
import { createHubSound } from '../history/hubSound.ts'
import { createOpenSound } from '../history/openSound.ts'
import type { Playback } from '../history/playback.ts'
import { openSoundCache } from '../history/soundCache.ts'
import { playSamples } from '../history/wav.ts'
import { causeOf, type Logger } from '../process/log.ts'
import type { Secrets } from '../process/secrets.ts'
import type { SettingsFile } from '../process/settings.ts'

export interface DeskAgentNeeds {
  /** Folder of everything that the agent stores. */
  readonly folder: string
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly enrollmentKey: string
  readonly source: AudioSource
  /** The sources that report calls on this PC. */
  readonly callSources: readonly CallSource[]
  readonly platform: Omit<DeskPlatform, 'callSources'>
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Logger
}

export type Playable = Pick<Playback, 'bytes' | 'read'>

export interface DeskAgent {
  readonly agent: Agent
  readonly desk: Desk
  /** Resolves with the audio of a recording for a player, from this disk or the hub; undefined when neither has it. */
  readonly openRecording: (recordingId: RecordingId) => Promise<Playable | undefined>
  /** Returns the audio of the last sound test. */
  readonly soundTest: () => Playable | undefined
  stop(): Promise<void>
}

/**
 * Starts the agent with the technician's desk, which a browser page and Electron's window both show. Rejects with the remedy, with
 * everything closed again.
 */
export const startDeskAgent = (needs: DeskAgentNeeds): Promise<DeskAgent> =>
  startWhole(needs.log, (closers) => startParts(needs, closers))

async function startParts(needs: DeskAgentNeeds, closers: Closers): Promise<DeskAgent> {
  const { clock, log, settings, secrets } = needs
  const platform: DeskPlatform = { ...needs.platform, callSources: () => sources.states().map(inDiagnosis) }
  const buffered: AgentEvent[] = []
  let onEvent: (event: AgentEvent) => void = (event) => void buffered.push(event)
  let onLevels: (levels: Levels) => void = () => undefined
  let fetched: Desk['fetched'] = () => undefined
  const source = withLevels(needs.source, (levels) => onLevels(levels))
  // Closed after the agent, whose last events the desk writes to the history.
  const last: { desk?: Desk } = {}
  closers.add('desk', () => last.desk?.stop())
  const hubSource = createHubSource({ clock })
  const agent = await startAgent({
    ...needs,
    hubSource,
    source,
    codec: await loadBlockCodec((cause) => log.warn({ cause: causeOf(cause) }, 'opus.unavailable')),
    version: platform.version,
    machine: platform.machine,
    onEvent: (event) => onEvent(event),
  })
  closers.add('agent', () => agent.stop())
  const sources = createCallSources({
    sources: [...needs.callSources, hubSource],
    clock,
    onFact: (fact) => agent.fact(fact),
    onUserError: (error, source) => log.error({ source, cause: error.message }, 'source.failed'),
  })
  closers.add('call sources', () => sources.stop())
  const network = watchNetwork({ clock, interfaces: networkInterfaces, onChange: agent.resumed })
  closers.add('network', () => network.stop())
  const createDecoder = await loadBlockDecoders()
  const test = createSoundTest({ source, clock })
  const masterKey = createMasterKey(secrets.masterKey)
  const copies = await openCopies(needs, { agent, masterKey, onProgress: (id, share) => fetched(id, share) })
  closers.add('copies from the hub', () => copies.stop())
  const openSound = createOpenSound({ recordings: agent.recordings, copies, createDecoder })
  const desk = createDesk({
    agent,
    settings,
    history: openHistory({
      folder: path.join(needs.folder, 'history'),
      masterKey,
      clock,
      log,
      country: () => agent.view().rules?.country ?? '',
    }),
    openSound,
    testSound: test.run,
    platform,
    clock,
    log,
  })
  last.desk = desk
  const onEveryEvent = (event: AgentEvent) => {
    desk.onEvent(event)
    followErasures(event, copies, log)
  }
  for (const event of buffered) onEveryEvent(event)
  onEvent = onEveryEvent
  onLevels = desk.onLevels
  fetched = desk.fetched
  return {
    agent,
    desk,
    async openRecording(recordingId) {
      const sound = await openSound(recordingId, 'recent')
      return sound.at === 'here' ? sound.playback : undefined
    },
    soundTest() {
      const samples = test.audible()
      return samples && playSamples(samples)
    },
    stop: closers.closeAll,
  }
}

async function openCopies(
  { folder, settings, secrets, clock, log }: DeskAgentNeeds,
  of: {
    readonly agent: Agent
    readonly masterKey: MasterKey
    readonly onProgress: (recordingId: RecordingId, share: number) => void
  },
): Promise<HubCopies> {
  return createHubCopies({
    hub: createHubSound({ identity: () => identityAt(settings.value.hub, secrets) }),
    cache: await openSoundCache({ folder: path.join(folder, 'playback'), masterKey: of.masterKey, clock }),
    isHubThere: () => of.agent.view().link === 'open',
    clock,
    log,
    onProgress: of.onProgress,
  })
}

/** Returns the identity for this hub; undefined at another hub, because a token is valid at its own hub only. */
function identityAt(hub: string | undefined, secrets: Secrets) {
  const identity = secrets.identity()
  if (!hub || !identity || new URL(identity.hub).origin !== new URL(hub).origin) return undefined
  return { ...identity, hub }
}

/** Destroys the copy of an erased recording at once, and checks all copies after the hub was away. */
function followErasures(event: AgentEvent, copies: HubCopies, log: Logger): void {
  const erased = erasedBy(event)
  if (erased)
    copies
      .erased(erased)
      .catch((error: unknown) => log.error({ cause: causeOf(error) }, 'playback.not-erased'))
  if (event.kind === 'link' && event.at === 'open') void copies.linkUp()
}

function erasedBy(event: AgentEvent): RecordingId | undefined {
  if (event.kind === 'recording') return event.state === 'erased' ? event.recordingId : undefined
  if (event.kind === 'call' && event.call.recording === 'erased') return event.call.recordingId
  return undefined
}

function inDiagnosis(source: NamedSourceState): CallSourceHealth {
  const { name } = source
  switch (source.at) {
    case 'failed':
      return { name, state: 'failed', detail: source.cause }
    case 'watching':
      return { name, state: 'on', detail: source.detail }
    case 'idle':
      return { name, state: 'off', detail: source.detail }
    case 'starting':
    case 'stopped':
      return { name, state: 'off' }
  }
}
