import type { Clock, LinkTuning, Random } from '@3cx-ninja/protocol'
import type { CallTuning } from '../call/tuning.ts'
import type { BlockCodec } from '../capture/recording/blockCodec.ts'
import type { AudioSource } from '../capture/sources/audioSource.ts'
import type { HubSource } from '../detection/hubSource.ts'
import type { Logger } from '../process/log.ts'
import type { Secrets } from '../process/secrets.ts'
import type { SettingsFile } from '../process/settings.ts'
import type { AgentEvent } from './agentEvents.ts'

/** What an agent runs on; each entry (Electron, headless, browser) brings its own. */
export interface AgentNeeds {
  /** Folder of the recordings, the reports and the hub's last rules. */
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
  /** Receives the hub's facts about running calls. */
  readonly hubSource?: Pick<HubSource, 'receive' | 'link'>
}
