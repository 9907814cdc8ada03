import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import type { AudioBlock, AudioCapture, AudioSource } from './audioSource.ts'
import { alarmsOf, listen, nothingHeard, type Alarm, type SoundWatch } from './soundWatch.ts'
import type { CaptureTuning } from './tuning.ts'

export interface ListeningNeeds {
  readonly source: AudioSource
  readonly clock: Clock
  readonly tuning: CaptureTuning
  readonly isTalking: () => boolean
  /** Sound may be kept for the beginning of a recording: not while one is paused, so that a paused word is kept nowhere. */
  readonly mayKeep: () => boolean
  readonly onBlock: (block: AudioBlock) => void
  readonly onDevice: (label: string) => void
  readonly onAlarms: (alarms: readonly Alarm[]) => void
  readonly onTrouble: (trouble: Error) => void
}

export interface Listening {
  readonly want: (sound: boolean) => void
  /** The last moments, oldest first. */
  preRoll(): readonly AudioBlock[]
  stop(): Promise<void>
}

const AGAIN_MS = SECOND_MS

/** The sound source while it is wanted: one clock over its restarts, the pre-roll, and the alarms about silence. */
export function createListening(needs: ListeningNeeds): Listening {
  const { clock, tuning } = needs
  const keep = Math.ceil(((tuning.preRollMs / SECOND_MS) * SAMPLE_RATE_HZ) / SAMPLES_PER_RECORD)
  let ring: AudioBlock[] = []
  let capture: AudioCapture | undefined
  let generation = 0
  let cancelAgain: () => void = () => undefined
  let cancelDisarm: () => void = () => undefined
  let isWanted = false
  const stopping = new Set<Promise<void>>()
  let watch: SoundWatch = nothingHeard
  let alarms: readonly Alarm[] = []
  /** Where the source's sample 0 stands on our clock, which goes on when the source is opened anew. */
  let offset = 0
  let end: { readonly sample: number; readonly atMs: number } | undefined

  const hear = (block: AudioBlock) => {
    end = { sample: block.firstSample + SAMPLES_PER_RECORD, atMs: clock.monotonicMs() }
    watch = needs.isTalking() ? listen(watch, block) : nothingHeard
    tellAlarms(alarmsOf(watch, tuning))
    ring = needs.mayKeep() ? [...ring.slice(1 - keep), block] : []
    needs.onBlock(block)
  }
  const tellAlarms = (next: readonly Alarm[]) => {
    if (next.join() === alarms.join()) return
    alarms = next
    needs.onAlarms(next)
  }

  const open = () => {
    generation += 1
    const mine = generation
    if (end) {
      const missedMs = clock.monotonicMs() - end.atMs
      offset = end.sample + Math.max(0, Math.round((missedMs / SECOND_MS) * SAMPLE_RATE_HZ))
    }
    capture = needs.source.start({
      block: (block) => {
        if (mine === generation) hear({ ...block, firstSample: offset + block.firstSample })
      },
      deviceChange: ({ label }) => {
        if (mine === generation) needs.onDevice(label)
      },
      gap: () => undefined, // the next block tells by where it stands
      failed: (error) => {
        if (mine !== generation) return
        needs.onTrouble(error)
        close()
        cancelAgain = clock.after(AGAIN_MS, open)
      },
    })
  }
  const close = () => {
    generation += 1
    const closing = capture
    capture = undefined
    if (!closing) return
    const work = closing.stop().finally(() => stopping.delete(work))
    stopping.add(work)
  }

  return {
    want(sound) {
      if (sound === isWanted) return
      isWanted = sound
      cancelDisarm()
      if (sound) {
        if (!capture) {
          cancelAgain()
          open()
        }
        return
      }
      cancelDisarm = clock.after(tuning.disarmMs, () => {
        cancelAgain()
        close()
        ring = []
        end = undefined
        offset = 0
        watch = nothingHeard
        tellAlarms([])
      })
    },
    preRoll: () => ring,
    async stop() {
      isWanted = false
      cancelDisarm()
      cancelAgain()
      close()
      await Promise.all(stopping)
    },
  }
}
