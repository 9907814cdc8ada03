import { CHANNELS, SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, type Channel } from '@3cx-ninja/protocol'
import type { AudioBlock } from '../sources/audioSource.ts'
import type { CaptureTuning } from './tuning.ts'

export type Alarm = 'microphone-silent' | 'caller-silent'

/** Nothing but the converter's own noise: a device that is muted, unplugged or the wrong one. */
const SILENT_PEAK = 3
const BLOCK_MS = (SAMPLES_PER_RECORD / SAMPLE_RATE_HZ) * 1_000

interface Heard {
  readonly silentMs: number
  readonly everHeard: boolean
}
export type SilenceWatch = Readonly<Record<Channel, Heard>>

export const noSilence: SilenceWatch = {
  agent: { silentMs: 0, everHeard: false },
  caller: { silentMs: 0, everHeard: false },
}

/** One more block of a call that is being talked. */
export function watchBlock(watch: SilenceWatch, block: AudioBlock): SilenceWatch {
  const next = (channel: Channel): Heard => {
    const loud = block[channel].some((sample) => Math.abs(sample) > SILENT_PEAK)
    const { silentMs, everHeard } = watch[channel]
    return loud ? { silentMs: 0, everHeard: true } : { silentMs: silentMs + BLOCK_MS, everHeard }
  }
  return { agent: next('agent'), caller: next('caller') }
}

/** What the technician must be told now. */
export function alarmsOf(watch: SilenceWatch, tuning: CaptureTuning): readonly Alarm[] {
  return CHANNELS.filter(
    (channel) =>
      watch[channel].silentMs >= (watch[channel].everHeard ? tuning.laterSoundMs : tuning.firstSoundMs),
  ).map((channel) => (channel === 'agent' ? 'microphone-silent' : 'caller-silent'))
}
