import { RECORD_MS, SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, type Clock } from '@3cx-ninja/protocol'
import type { AudioListener, AudioSource } from './audioSource.ts'
import type { StereoAudio } from './readStereoFile.ts'

/** An audio source that plays a file as a call, for the demonstration and tests. */
export interface FileSource extends AudioSource {
  /** Plays the file from `fromMs` on; before and after it the source gives silence, as a line without speech does. */
  play(fromMs?: number): void
  /** Resolves when the file has been played to its end. Never rejects. */
  readonly played: Promise<void>
}

/** The decoded file, the clock and the playback speed of a file source. */
export interface FileSourceNeeds {
  readonly sound: StereoAudio
  readonly clock: Clock
  /** 1 is real time; 8 gives eight seconds of audio per second. */
  readonly speed: number
}

/**
 * Returns a source that plays a recorded call in place of microphone and telephone. The clock paces it: blocks of a late timer
 * are caught up, so the source keeps time. Its capture stops at once.
 */
export function createFileSource({ sound, clock, speed }: FileSourceNeeds): FileSource {
  const blockMs = RECORD_MS / speed
  let wanted: number | undefined
  let at: number | undefined
  let finish: () => void = () => undefined
  const played = new Promise<void>((resolve) => (finish = resolve))

  const next = (channel: 'agent' | 'caller'): Int16Array => {
    const block = new Int16Array(SAMPLES_PER_RECORD)
    if (at !== undefined) block.set(sound[channel].subarray(at, at + SAMPLES_PER_RECORD))
    return block
  }

  return {
    name: 'file',
    played,
    play: (fromMs = 0) => void (wanted = Math.round((fromMs / 1_000) * SAMPLE_RATE_HZ)),
    start(listener: AudioListener) {
      const startedMs = clock.monotonicMs()
      let blocks = 0
      let cancel: () => void = () => undefined
      const giveDue = () => {
        const due = Math.floor((clock.monotonicMs() - startedMs) / blockMs)
        while (blocks < due) {
          if (wanted !== undefined) {
            at = wanted
            wanted = undefined
          }
          listener.block({
            firstSample: blocks * SAMPLES_PER_RECORD,
            agent: next('agent'),
            caller: next('caller'),
          })
          blocks += 1
          if (at !== undefined) {
            at += SAMPLES_PER_RECORD
            if (at >= sound.agent.length) {
              at = undefined
              finish()
            }
          }
        }
        cancel = clock.after(startedMs + (blocks + 1) * blockMs - clock.monotonicMs(), giveDue)
      }
      cancel = clock.after(blockMs, giveDue)
      return {
        stop: () => {
          cancel()
          return Promise.resolve()
        },
      }
    },
  }
}
