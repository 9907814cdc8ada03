import {
  RECORD_MS,
  SAMPLES_PER_RECORD,
  SAMPLE_RATE_HZ,
  SECOND_MS,
  type Channel,
  type Clock,
} from '@3cx-ninja/protocol'
import type { AudioBlock, AudioCapture, AudioSource } from '../sources/audioSource.ts'
import { alarmsOf, noSilence, watchBlock, type Alarm, type SilenceWatch } from './silenceWatch.ts'
import { userError } from '../../process/userError.ts'
import type { CaptureTuning } from './tuning.ts'

/** The audio source, its limits and the callbacks of its supervision. */
export interface SupervisedSourceNeeds {
  readonly source: AudioSource
  readonly clock: Clock
  readonly tuning: CaptureTuning
  readonly isTalking: () => boolean
  /** Returns whether audio may be kept for the beginning of a recording: not during a pause, so that a paused word is kept nowhere. */
  readonly mayKeepPreRoll: () => boolean
  readonly onBlock: (block: AudioBlock) => void
  readonly onDevice: (device: ChannelLabel) => void
  readonly onAlarms: (alarms: readonly Alarm[]) => void
  readonly onUserError: (error: Error) => void
}

/** The device that a channel comes from, in the system's words. */
export interface ChannelLabel {
  readonly channel: Channel
  readonly label: string
}

/** Keeps an audio source open while it is wanted, restarts it when it hangs, and keeps the pre-roll. */
export interface SupervisedSource {
  /** Opens the source at once, or closes it after `disarmMs`; calls with the same value change nothing. */
  readonly setWanted: (wanted: boolean) => void
  /** Returns the last blocks, oldest first, at most `preRollMs` of them. */
  preRoll(): readonly AudioBlock[]
  /** Drops the pre-roll: it belongs to a call of which nothing may be kept. */
  clearPreRoll(): void
  /** Closes the source. Resolves once no capture is open; nothing is called afterwards. */
  stop(): Promise<void>
}

/** The watchdog runs once a second: alarms and stalls are counted in seconds. */
const WATCHDOG_MS = SECOND_MS
const BOTH_SILENT: readonly Alarm[] = ['microphone-silent', 'caller-silent']

interface Supervision {
  readonly needs: SupervisedSourceNeeds
  readonly preRollBlocks: number
  preRoll: AudioBlock[]
  capture: AudioCapture | undefined
  /** Grows with each opening and closing: callbacks of an older capture are ignored. */
  generation: number
  isWanted: boolean
  watch: SilenceWatch
  alarms: readonly Alarm[]
  /** The source's sample 0 on our clock, which runs on when the source is opened again. */
  offset: number
  end: { readonly sample: number; readonly atMs: number } | undefined
  lastBlockMs: number
  openedMs: number
  /** The failure is reported; the next one is reported only after audio arrived in between. */
  isReported: boolean
  cancelReopen: () => void
  cancelDisarm: () => void
  cancelWatchdog: () => void
  readonly stopping: Set<Promise<void>>
}

/**
 * Keeps one audio source open while it is wanted: one clock over its restarts, the pre-roll, and the alarms about silence.
 * States: closed (left by `setWanted(true)`), open, failed (opened again after `reopenMs`), disarming (closed after
 * `disarmMs`, or open again). Knows nothing of files and calls: the recorder writes what `onBlock` gets.
 */
export function createSupervisedSource(needs: SupervisedSourceNeeds): SupervisedSource {
  const supervision: Supervision = {
    needs,
    preRollBlocks: Math.ceil(needs.tuning.preRollMs / RECORD_MS),
    preRoll: [],
    capture: undefined,
    generation: 0,
    isWanted: false,
    watch: noSilence,
    alarms: [],
    offset: 0,
    end: undefined,
    lastBlockMs: 0,
    openedMs: 0,
    isReported: false,
    cancelReopen: () => undefined,
    cancelDisarm: () => undefined,
    cancelWatchdog: () => undefined,
    stopping: new Set(),
  }
  return {
    setWanted(wanted) {
      if (wanted === supervision.isWanted) return
      supervision.isWanted = wanted
      supervision.cancelDisarm()
      if (wanted) arm(supervision)
      else supervision.cancelDisarm = needs.clock.after(needs.tuning.disarmMs, () => disarm(supervision))
    },
    preRoll: () => supervision.preRoll,
    clearPreRoll: () => void (supervision.preRoll = []),
    async stop() {
      supervision.isWanted = false
      supervision.cancelWatchdog()
      supervision.cancelDisarm()
      supervision.cancelReopen()
      close(supervision)
      await Promise.all(supervision.stopping)
    },
  }
}

function arm(supervision: Supervision): void {
  const { clock } = supervision.needs
  supervision.cancelWatchdog()
  supervision.lastBlockMs = Math.max(supervision.lastBlockMs, supervision.capture ? 0 : clock.monotonicMs())
  supervision.cancelWatchdog = clock.after(WATCHDOG_MS, () => checkStall(supervision))
  if (supervision.capture) return
  supervision.cancelReopen()
  open(supervision)
}

function disarm(supervision: Supervision): void {
  supervision.cancelReopen()
  supervision.cancelWatchdog()
  close(supervision)
  supervision.preRoll = []
  supervision.end = undefined
  supervision.offset = 0
  supervision.watch = noSilence
  reportAlarms(supervision, [])
}

function open(supervision: Supervision): void {
  const { source, clock, onDevice } = supervision.needs
  supervision.generation += 1
  const mine = supervision.generation
  const isCurrent = () => mine === supervision.generation
  supervision.openedMs = clock.monotonicMs()
  const { end, openedMs } = supervision
  if (end) supervision.offset = end.sample + Math.round(((openedMs - end.atMs) / SECOND_MS) * SAMPLE_RATE_HZ)
  const opened = source.start({
    block: (block) => {
      if (isCurrent())
        receiveBlock(supervision, { ...block, firstSample: supervision.offset + block.firstSample })
    },
    deviceChange: ({ channel, label }) => {
      if (isCurrent()) onDevice({ channel, label })
    },
    gap: () => undefined, // the next block's first sample shows the gap
    failed: (error) => {
      if (isCurrent()) fail(supervision, error)
    },
  })
  if (isCurrent()) supervision.capture = opened
  else stopCapture(supervision, opened) // it failed while it started
}

function receiveBlock(supervision: Supervision, block: AudioBlock): void {
  const { needs, isWanted, preRoll, preRollBlocks } = supervision
  supervision.lastBlockMs = needs.clock.monotonicMs()
  supervision.isReported = false
  supervision.end = { sample: block.firstSample + SAMPLES_PER_RECORD, atMs: supervision.lastBlockMs }
  supervision.watch = needs.isTalking() ? watchBlock(supervision.watch, block) : noSilence
  reportAlarms(supervision, alarmsOf(supervision.watch, needs.tuning))
  // Not after a call either: its last words, or those that were not to be recorded, are no beginning of the next one.
  supervision.preRoll = isWanted && needs.mayKeepPreRoll() ? [...preRoll.slice(1 - preRollBlocks), block] : []
  needs.onBlock(block)
}

function reportAlarms(supervision: Supervision, next: readonly Alarm[]): void {
  if (next.join() === supervision.alarms.join()) return
  supervision.alarms = next
  supervision.needs.onAlarms(next)
}

function fail(supervision: Supervision, error: Error): void {
  const { clock, tuning, onUserError } = supervision.needs
  const { message } = error
  if (!supervision.isReported)
    onUserError(userError('sound-source', message, { facts: { detail: message }, cause: error }))
  supervision.isReported = true
  close(supervision)
  supervision.cancelReopen()
  supervision.cancelReopen = clock.after(tuning.reopenMs, () => open(supervision))
}

/** Watchdog: a hung source never calls back, so the age of its last block is checked from outside. */
function checkStall(supervision: Supervision): void {
  const { clock, tuning, source, isTalking } = supervision.needs
  supervision.cancelWatchdog = clock.after(WATCHDOG_MS, () => checkStall(supervision))
  const nowMs = clock.monotonicMs()
  if (nowMs - supervision.lastBlockMs < tuning.stalledMs) return
  supervision.watch = noSilence
  reportAlarms(supervision, isTalking() ? BOTH_SILENT : [])
  if (supervision.capture && nowMs - supervision.openedMs >= tuning.stalledMs)
    fail(supervision, new Error(`No sound comes from '${source.name}': check microphone and sound server.`))
}

function close(supervision: Supervision): void {
  supervision.generation += 1
  const { capture } = supervision
  supervision.capture = undefined
  if (capture) stopCapture(supervision, capture)
}

function stopCapture({ stopping }: Supervision, capture: AudioCapture): void {
  const work = capture.stop().finally(() => stopping.delete(work))
  stopping.add(work)
}
