import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { Clock, Random, RecordingId } from '@3cx-ninja/protocol'
import { startAgent, type Agent } from './app.ts'
import type { AgentEvent } from './agentEvents.ts'
import type { AudioSource } from './capture/audioSource.ts'
import { loadBlockCodec } from './capture/blockCodec.ts'
import type { CallSource } from './detection/callSource.ts'
import { createCallSources, type NamedSourceState } from './detection/callSources.ts'
import { createDesk, type Desk } from './desk/desk.ts'
import type { CallSourceState, DeskSurroundings } from './desk/ports.ts'
import { withLevels, type Levels } from './desk/soundLevels.ts'
import { createSoundTest } from './desk/soundTest.ts'
import { watchNetwork } from './hub/watchNetwork.ts'
import { loadBlockDecoders } from './history/blockDecoder.ts'
import { openHistory } from './history/historyStore.ts'
import { openPlayback, type Playback } from './history/playback.ts'
import { playSamples } from './history/wav.ts'
import { causeOf, type Logger } from './log.ts'
import type { Secrets } from './secrets.ts'
import type { SettingsFile } from './settings.ts'

export interface DeskAgentNeeds {
  /** Everything the agent keeps lies here. */
  readonly folder: string
  readonly settings: SettingsFile
  readonly secrets: Secrets
  readonly enrolmentKey: string
  readonly source: AudioSource
  /** What notices calls on this PC. */
  readonly callSources: readonly CallSource[]
  readonly around: Omit<DeskSurroundings, 'callSources'>
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Logger
}

export type Playable = Pick<Playback, 'bytes' | 'read'>

export interface DeskAgent {
  readonly agent: Agent
  readonly desk: Desk
  /** The sound of a call of this PC, for a player; undefined: not here. */
  readonly openRecording: (recordingId: RecordingId) => Promise<Playable | undefined>
  /** What the last sound test heard. */
  readonly soundTest: () => Playable | undefined
  stop(): Promise<void>
}

/** The agent with the technician's desk in front of it: what a browser page and Electron's window both look at. */
export async function startDeskAgent(needs: DeskAgentNeeds): Promise<DeskAgent> {
  const { clock, log, settings, secrets } = needs
  const around: DeskSurroundings = { ...needs.around, callSources: () => sources.states().map(inDiagnosis) }
  const early: AgentEvent[] = []
  let sees: (event: AgentEvent) => void = (event) => void early.push(event)
  let hears: (levels: Levels) => void = () => undefined
  const source = withLevels(needs.source, (levels) => hears(levels))
  const agent = await startAgent({
    ...needs,
    source,
    codec: await loadBlockCodec((cause) => log.warn({ cause: causeOf(cause) }, 'opus.unavailable')),
    version: around.version,
    machine: around.machine,
    onEvent: (event) => sees(event),
  })
  const sources = createCallSources({
    sources: needs.callSources,
    clock,
    onFact: (fact) => agent.fact(fact),
    onTrouble: (trouble, source) => log.error({ source, cause: trouble.message }, 'source.failed'),
  })
  const network = watchNetwork({ clock, interfaces: networkInterfaces, onChange: agent.woken })
  const createDecoder = await loadBlockDecoders()
  const openRecording = (recordingId: RecordingId) =>
    openPlayback({ recordings: agent.recordings, recordingId, createDecoder })
  const test = createSoundTest({ source, clock })
  const masterKey = createMasterKey(secrets.masterKey)
  const desk = createDesk({
    agent,
    settings,
    history: openHistory({ folder: path.join(needs.folder, 'history'), masterKey, clock, log }),
    openPlayback: openRecording,
    testSound: test.run,
    around,
    clock,
    log,
  })
  for (const event of early) desk.sees(event)
  sees = desk.sees
  hears = desk.hears
  return {
    agent,
    desk,
    openRecording,
    soundTest() {
      const heard = test.heard()
      return heard && playSamples(heard)
    },
    async stop() {
      network.stop()
      await sources.stop()
      await agent.stop()
      await desk.stop()
    },
  }
}

function inDiagnosis(source: NamedSourceState): CallSourceState {
  const { name } = source
  switch (source.at) {
    case 'failed':
      return { name, state: 'failed', detail: source.cause }
    case 'watching':
      return { name, state: 'on', detail: source.detail }
    case 'starting':
    case 'stopped':
      return { name, state: 'off' }
  }
}
