import type { Channel, Clock } from '@3cx-ninja/protocol'
import type { Gives } from '../../ipc/channels.ts'
import type { AudioSource } from '../capture/audioSource.ts'
import type { DeviceChoice } from '../capture/pulse/chooseDevices.ts'
import { createPactl } from '../capture/pulse/pactl.ts'
import { createPulseSource } from '../capture/pulse/pulseSource.ts'
import { DEFAULT_PROGRAMS } from '../capture/pulse/telephone.ts'
import type { CallSource } from '../detection/callSource.ts'
import { createPulseCallSource } from '../detection/pulseCallSource.ts'
import type { Logger } from '../log.ts'
import type { SettingsFile } from '../settings.ts'
import { listPulseDevices } from '../web/pulseDevices.ts'

/** What the operating system gives: both sides of a call, its sound devices, and signs of calls. */
export interface Platform {
  readonly sound: AudioSource
  readonly callSources: readonly CallSource[]
  devices(): Promise<Gives<'listDevices'>>
  stop(): Promise<void>
}

export interface PlatformNeeds {
  readonly platform: NodeJS.Platform
  readonly settings: SettingsFile
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Logger
}

export function openLinux({ settings, environment, clock, log }: PlatformNeeds): Platform {
  const choice = (name: string): DeviceChoice => (name ? { at: 'device', name } : { at: 'follow' })
  return {
    sound: createPulseSource({
      choices: () => ({
        agent: choice(settings.value.microphone),
        caller: choice(settings.value.loudspeaker),
      }),
      clock,
      environment,
      onTrouble: (channel: Channel, trouble: Error) =>
        log.error({ channel, cause: trouble.message }, 'sound.trouble'),
    }),
    callSources: [
      createPulseCallSource({
        pactl: createPactl({ environment, clock }),
        clock,
        programs: DEFAULT_PROGRAMS,
      }),
    ],
    devices: () => listPulseDevices(environment),
    stop: () => Promise.resolve(),
  }
}

export function openPlatform(needs: PlatformNeeds): Platform {
  return openLinux(needs)
}
