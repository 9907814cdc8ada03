import type { Output } from '../../ipc/channels.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { Agent } from '../app/agent.ts'
import type { History } from '../history/historyStore.ts'
import type { OpenSound } from '../history/openSound.ts'
import type { SettingsFile } from '../process/settings.ts'

/** The agent as the desk uses it: facts, user actions, drafts, recordings and enrollment. */
export type AgentPort = Pick<
  Agent,
  | 'fact'
  | 'act'
  | 'takeBackJoin'
  | 'drafts'
  | 'recordings'
  | 'view'
  | 'enroll'
  | 'eraseRecording'
  | 'offerAgain'
>

/** The hub's answer on `/health`: its version and the state of each of its parts. */
export interface HubHealth {
  readonly version: string
  readonly parts: readonly {
    readonly name: string
    readonly state: 'ok' | 'degraded' | 'failed'
    readonly reason?: string | undefined
    readonly remedy?: string | undefined
  }[]
}

/** A source of calls as the diagnosis shows it, with the reason of its state. */
export interface CallSourceHealth {
  readonly name: string
  readonly state: 'on' | 'failed' | 'off'
  readonly detail?: string
}

/** The outcome of a sound test: the audible channels, or why it could not run. */
export type SoundTestResult = Output<'testSound'>

/** The platform below the desk: audio devices, network and enrollment. Electron and the browser page each bring their own. */
export interface DeskPlatform {
  /** Resolves with the audio devices, where the audio source can name them. Rejects without a sound server. */
  devices(): Promise<Output<'listDevices'>>
  /** Resolves with the programs that use the microphone of this PC, or used it; empty where the system does not say. */
  microphonePrograms(): Promise<Output<'listMicrophonePrograms'>['programs']>
  /** Resolves after two seconds with the hubs that announce themselves on this network. Never rejects. */
  findHubs(): Promise<Output<'findHubs'>['hubs']>
  /**
   * Resolves with the health of the hub. Rejects with the cause when the hub does not answer or its certificate is not the
   * pinned one.
   */
  hubHealth(): Promise<HubHealth>
  /** Returns the state of each source of calls, for the diagnosis. */
  callSources(): readonly CallSourceHealth[]
  readonly soundSource: string
  /** Returns where the audio of each channel comes from now; empty while nothing is captured. */
  soundOrigins(): DeskSnapshot['soundOrigins']
  /** Returns true when this PC is enrolled, or was given an enrollment key at start. */
  isEnrolled(): boolean
  /** Returns true when the hub's CA is pinned; without it only loopback is allowed. */
  isPinned(): boolean
  /** The program that shows the page. */
  readonly app: DeskSnapshot['settings']['app']
  readonly machine: string
  readonly version: string
}

/** What the desk is built on: the agent, its settings and history, playback and the platform. */
export interface DeskParts {
  readonly agent: AgentPort
  readonly settings: SettingsFile
  readonly history: History
  readonly openSound: OpenSound
  /** Resolves with the outcome of a sound test of a few seconds. Never rejects. */
  readonly testSound: () => Promise<SoundTestResult>
  readonly platform: DeskPlatform
}
