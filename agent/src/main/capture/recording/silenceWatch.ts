import { CHANNELS, RECORD_MS, type Channel } from '@3cx-ninja/protocol'
import type { AudioBlock } from '../sources/audioSource.ts'
import type { CaptureTuning } from './tuning.ts'

/** The channel that stays silent in an active call, as the window names it. */
export type Alarm = 'microphone-silent' | 'caller-silent'

/** Nothing but the converter's own noise: the device is muted, unplugged or the wrong one. */
const SILENT_PEAK = 3

interface ChannelSilence {
  /** Uninterrupted silence up to now. */
  readonly silentMs: number
  /** The channel had audio at least once in this call. */
  readonly hadAudio: boolean
}
/** The silence of both channels in one call, updated by each block. */
export type SilenceWatch = Readonly<Record<Channel, ChannelSilence>>

/** The state at the start of a call: no silence yet, and no audio yet. */
export const noSilence: SilenceWatch = {
  agent: { silentMs: 0, hadAudio: false },
  caller: { silentMs: 0, hadAudio: false },
}

/** Returns the watch after one block of an active call. */
export function watchBlock(watch: SilenceWatch, block: AudioBlock): SilenceWatch {
  const next = (channel: Channel): ChannelSilence => {
    const isLoud = block[channel].some((sample) => Math.abs(sample) > SILENT_PEAK)
    const { silentMs, hadAudio } = watch[channel]
    return isLoud ? { silentMs: 0, hadAudio: true } : { silentMs: silentMs + RECORD_MS, hadAudio }
  }
  return { agent: next('agent'), caller: next('caller') }
}

/** Returns the alarms that hold now: a channel that never had audio gets `firstSoundMs`, another one `laterSoundMs`. */
export function alarmsOf(watch: SilenceWatch, tuning: CaptureTuning): readonly Alarm[] {
  return CHANNELS.filter(
    (channel) =>
      watch[channel].silentMs >= (watch[channel].hadAudio ? tuning.laterSoundMs : tuning.firstSoundMs),
  ).map((channel) => (channel === 'agent' ? 'microphone-silent' : 'caller-silent'))
}
