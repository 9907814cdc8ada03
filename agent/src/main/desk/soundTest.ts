import { CHANNELS, SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { AudioCapture, AudioSource } from '../capture/sources/audioSource.ts'
import type { SoundTestResult } from './ports.ts'

/** Time to say a name, short enough to wait for. */
const TEST_MS = 4 * SECOND_MS
/** A source that opens without audio fails after this time. */
const LIMIT_MS = 8 * SECOND_MS
/** About -40 dBFS: speech into a working microphone is well above, a muted one far below. */
const AUDIBLE_PEAK = 330

export interface SoundTest {
  run(): Promise<SoundTestResult>
  /** Returns the audio of the last test, both channels mixed; undefined before the first test. */
  audible(): Int16Array | undefined
}

/** Captures the source for a moment, so that a technician can see and hear whether it works. Nothing is written to disk. */
export function createSoundTest(needs: { readonly source: AudioSource; readonly clock: Clock }): SoundTest {
  let last: Int16Array | undefined
  let running: Promise<SoundTestResult> | undefined

  const listen = () =>
    new Promise<SoundTestResult>((resolve) => {
      const mix: number[] = []
      const peaks = { agent: 0, caller: 0 }
      const wanted = (TEST_MS / SECOND_MS) * SAMPLE_RATE_HZ
      let ended = false
      const opened: { capture?: AudioCapture } = {}
      const end = (result: SoundTestResult) => {
        if (ended) return
        ended = true
        cancel()
        // A source may fail before it has even been opened.
        void Promise.resolve(opened.capture?.stop()).then(() => resolve(result))
      }
      const failed = (detail: string): SoundTestResult => ({
        ok: false,
        why: 'failed',
        detail: detail.slice(0, 400),
      })
      const cancel = needs.clock.after(LIMIT_MS, () => end(failed('')))
      opened.capture = needs.source.start({
        block(block) {
          for (let index = 0; index < SAMPLES_PER_RECORD; index++) {
            const { agent = 0, caller = 0 } = { agent: block.agent[index], caller: block.caller[index] }
            mix.push(Math.max(-32_768, Math.min(32_767, agent + caller)))
            peaks.agent = Math.max(peaks.agent, Math.abs(agent))
            peaks.caller = Math.max(peaks.caller, Math.abs(caller))
          }
          if (mix.length < wanted) return
          last = Int16Array.from(mix)
          const audible = CHANNELS.filter((channel) => peaks[channel] >= AUDIBLE_PEAK)
          end({ ok: true, audible: [...audible], url: 'audio/test.wav' })
        },
        deviceChange: () => undefined,
        gap: () => undefined,
        failed: (error) => end(failed(error.message)),
      })
    })

  return {
    run: () => (running ??= listen().finally(() => (running = undefined))),
    audible: () => last,
  }
}
