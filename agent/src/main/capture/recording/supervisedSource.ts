import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, SECOND_MS, type Channel, type Clock } from '@3cx-ninja/protocol'
import type { AudioBlock, AudioCapture, AudioSource } from '../sources/audioSource.ts'
import { alarmsOf, watchBlock, noSilence, type Alarm, type SilenceWatch } from './silenceWatch.ts'
import { userError } from '../../process/userError.ts'
import type { CaptureTuning } from './tuning.ts'

export interface SupervisedSourceNeeds {
  readonly source: AudioSource
  readonly clock: Clock
  readonly tuning: CaptureTuning
  readonly isTalking: () => boolean
  /** Sound may be kept for the beginning of a recording: not while one is paused, so that a paused word is kept nowhere. */
  readonly mayKeep: () => boolean
  readonly onBlock: (block: AudioBlock) => void
  readonly onDevice: (device: ChannelLabel) => void
  readonly onAlarms: (alarms: readonly Alarm[]) => void
  readonly onUserError: (trouble: Error) => void
}

/** Where a channel's sound comes from now, in the system's words. */
export interface ChannelLabel {
  readonly channel: Channel
  readonly label: string
}

export interface SupervisedSource {
  readonly want: (sound: boolean) => void
  /** The last moments, oldest first. */
  preRoll(): readonly AudioBlock[]
  /** Drops the last moments: they belong to a call of which nothing may be kept. */
  forget(): void
  stop(): Promise<void>
}

const BEAT_MS = SECOND_MS
const NOTHING_COMES: readonly Alarm[] = ['microphone-silent', 'caller-silent']

/** The sound source while it is wanted: one clock over its restarts, the pre-roll, and the alarms about silence. */
export function createSupervisedSource(needs: SupervisedSourceNeeds): SupervisedSource {
  const { clock, tuning } = needs
  const keep = Math.ceil(((tuning.preRollMs / SECOND_MS) * SAMPLE_RATE_HZ) / SAMPLES_PER_RECORD)
  let ring: AudioBlock[] = []
  let capture: AudioCapture | undefined
  let generation = 0
  let cancelAgain: () => void = () => undefined
  let cancelDisarm: () => void = () => undefined
  let cancelBeat: () => void = () => undefined
  let isWanted = false
  const stopping = new Set<Promise<void>>()
  let watch: SilenceWatch = noSilence
  let alarms: readonly Alarm[] = []
  /** Where the source's sample 0 stands on our clock, which goes on when the source is opened anew. */
  let offset = 0
  let end: { readonly sample: number; readonly atMs: number } | undefined
  let heardMs = 0
  let openedMs = 0
  /** The trouble was told; again only after sound came in between. */
  let isTold = false

  const hear = (block: AudioBlock) => {
    heardMs = clock.monotonicMs()
    isTold = false
    end = { sample: block.firstSample + SAMPLES_PER_RECORD, atMs: heardMs }
    watch = needs.isTalking() ? watchBlock(watch, block) : noSilence
    tellAlarms(alarmsOf(watch, tuning))
    // Not after a call either: its last words, or those that were not to be recorded, are no beginning of the next one.
    ring = isWanted && needs.mayKeep() ? [...ring.slice(1 - keep), block] : []
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
    openedMs = clock.monotonicMs()
    if (end) offset = end.sample + Math.round(((openedMs - end.atMs) / SECOND_MS) * SAMPLE_RATE_HZ)
    const opened = needs.source.start({
      block: (block) => {
        if (mine === generation) hear({ ...block, firstSample: offset + block.firstSample })
      },
      deviceChange: ({ channel, label }) => {
        if (mine === generation) needs.onDevice({ channel, label })
      },
      gap: () => undefined, // the next block tells by where it stands
      failed: (error) => {
        if (mine === generation) fail(error)
      },
    })
    if (mine === generation) capture = opened
    else stopCapture(opened) // it failed while it started
  }
  const fail = (error: Error) => {
    const { message } = error
    if (!isTold)
      needs.onUserError(userError('sound-source', message, { facts: { detail: message }, cause: error }))
    isTold = true
    close()
    cancelAgain()
    cancelAgain = clock.after(tuning.reopenMs, open)
  }
  /** A source that hangs calls nobody: looked at from outside. */
  const beat = () => {
    cancelBeat = clock.after(BEAT_MS, beat)
    const nowMs = clock.monotonicMs()
    if (nowMs - heardMs < tuning.stalledMs) return
    watch = noSilence
    tellAlarms(needs.isTalking() ? NOTHING_COMES : [])
    if (capture && nowMs - openedMs >= tuning.stalledMs)
      fail(new Error(`No sound comes from '${needs.source.name}': check microphone and sound server.`))
  }
  const close = () => {
    generation += 1
    const closing = capture
    capture = undefined
    if (closing) stopCapture(closing)
  }
  const stopCapture = (closing: AudioCapture) => {
    const work = closing.stop().finally(() => stopping.delete(work))
    stopping.add(work)
  }

  return {
    want(sound) {
      if (sound === isWanted) return
      isWanted = sound
      cancelDisarm()
      if (sound) {
        cancelBeat()
        heardMs = Math.max(heardMs, capture ? 0 : clock.monotonicMs())
        cancelBeat = clock.after(BEAT_MS, beat)
        if (!capture) {
          cancelAgain()
          open()
        }
        return
      }
      cancelDisarm = clock.after(tuning.disarmMs, () => {
        cancelAgain()
        cancelBeat()
        close()
        ring = []
        end = undefined
        offset = 0
        watch = noSilence
        tellAlarms([])
      })
    },
    preRoll: () => ring,
    forget: () => void (ring = []),
    async stop() {
      isWanted = false
      cancelBeat()
      cancelDisarm()
      cancelAgain()
      close()
      await Promise.all(stopping)
    },
  }
}
