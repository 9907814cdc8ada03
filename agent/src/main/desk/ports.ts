import type { Output } from '../../ipc/channels.ts'
import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { Agent } from '../app/app.ts'
import type { History } from '../history/historyStore.ts'
import type { OpenSound } from '../history/openSound.ts'
import type { SettingsFile } from '../process/settings.ts'

export type AgentPort = Pick<
  Agent,
  'fact' | 'act' | 'drafts' | 'recordings' | 'view' | 'enroll' | 'eraseRecording' | 'offerAgain'
>

/** What a part of the hub says of itself on `/health`. */
export interface HubHealth {
  readonly version: string
  readonly parts: readonly {
    readonly name: string
    readonly state: 'ok' | 'degraded' | 'failed'
    readonly reason?: string | undefined
    readonly remedy?: string | undefined
  }[]
}

export interface CallSourceHealth {
  readonly name: string
  readonly state: 'on' | 'failed' | 'off'
  readonly detail?: string
}

export type SoundTestResult = Output<'testSound'>

/** What the desk asks of the world around the agent; Electron and the browser page fulfil it each in their way. */
export interface DeskPlatform {
  /** Sound devices, where the source of sound can name them. */
  devices(): Promise<Output<'listDevices'>>
  /** Who uses the microphone of this PC, or did; nothing where the system does not tell. */
  microphonePrograms(): Promise<Output<'listMicrophonePrograms'>['programs']>
  /** Hubs that announce themselves on this network. */
  findHubs(): Promise<Output<'findHubs'>['hubs']>
  /** Rejects with the cause when the hub does not answer or its certificate is not the pinned one. */
  hubHealth(): Promise<HubHealth>
  callSources(): readonly CallSourceHealth[]
  readonly soundSource: string
  /** Where each channel is heard now; nothing while nobody listens. */
  soundOrigins(): DeskSnapshot['soundOrigins']
  /** An enrollment key was given at start, or this PC is enrolled. */
  isEnrolled(): boolean
  /** The hub's CA is pinned; without it only loopback is allowed. */
  isPinned(): boolean
  /** What the page is shown by. */
  readonly app: DeskSnapshot['settings']['app']
  readonly machine: string
  readonly version: string
}

export interface DeskParts {
  readonly agent: AgentPort
  readonly settings: SettingsFile
  readonly history: History
  readonly openSound: OpenSound
  readonly testSound: () => Promise<SoundTestResult>
  readonly platform: DeskPlatform
}
