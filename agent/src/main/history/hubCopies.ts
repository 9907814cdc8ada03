import type { Clock, StoredRecording, RecordingId } from '@3cx-ninja/protocol'
import { causeOf, type Logger } from '../process/log.ts'
import { createHubCopy, type HubCopy } from './hubCopy.ts'
import type { HubSound } from './hubSound.ts'
import { isGoneForGood, noSound, whyOf, type NoSound } from './noSound.ts'
import type { PlayedRecording } from './playedRecording.ts'
import { playbackTuning, type PlaybackTuning } from './playbackTuning.ts'
import type { SoundCache } from './soundCache.ts'

export type HubOpened =
  { readonly ok: true; readonly recording: PlayedRecording } | { readonly ok: false; readonly why: NoSound }

export interface HubCopies {
  /**
   * A recording that the hub still has. `anew` asks the hub whether it may still be heard; without, what it said a
   * moment ago holds, as for a player that asks for stretch after stretch.
   */
  open(recordingId: RecordingId, how: 'anew' | 'held'): Promise<HubOpened>
  /** Erased, here or on the hub: the copy goes at once, whoever is listening hears no more, and it is not opened again. */
  erased(recordingId: RecordingId): Promise<void>
  /** The hub is back: what it has given away meanwhile goes here, too. */
  linkUp(): Promise<void>
  stop(): Promise<void>
}

export interface HubCopiesNeeds {
  readonly hub: HubSound
  readonly cache: SoundCache
  /** The link stands; else the hub is not even asked. */
  readonly isHubThere: () => boolean
  readonly clock: Clock
  readonly log: Logger
  /** 0 to 1, at most four times a second. */
  readonly onProgress: (recordingId: RecordingId, share: number) => void
  readonly tuning?: PlaybackTuning
}

/** Recordings of this agent that only the hub still has, heard through a copy that fills while they play. */
export function createHubCopies(needs: HubCopiesNeeds): HubCopies {
  const { hub, cache, clock, log, tuning = playbackTuning } = needs
  const stopping = new AbortController()
  const copies = new Map<RecordingId, { readonly copy: HubCopy; checkedMs: number }>()
  const erased = new Set<RecordingId>()
  const failed = (event: string) => (error: unknown) => log.warn({ cause: causeOf(error) }, event)

  const drop = async (recordingId: RecordingId, why: NoSound) => {
    const open = copies.get(recordingId)
    copies.delete(recordingId)
    await open?.copy.end(why)
    await cache.remove(recordingId)
  }
  const ask = async (recordingId: RecordingId): Promise<StoredRecording> => {
    if (!needs.isHubThere()) throw noSound('hub-away', 'there is no link')
    try {
      return await hub.describe(recordingId, stopping.signal)
    } catch (error) {
      if (isGoneForGood(whyOf(error))) await drop(recordingId, whyOf(error))
      throw error
    }
  }

  let cancelSweep: () => void = () => undefined
  let background: Promise<void> = Promise.resolve()
  const inBackground = (work: () => Promise<void>, event: string) =>
    (background = background.then(work).catch(failed(event)))
  const schedule = () => {
    cancelSweep = clock.after(tuning.sweepEveryMs, () => {
      void inBackground(cache.sweep, 'heard.not-swept')
      schedule()
    })
  }
  schedule()

  return {
    async open(recordingId, how) {
      if (erased.has(recordingId)) return { ok: false, why: 'erased' }
      const known = copies.get(recordingId)
      const nowMs = clock.monotonicMs()
      if (known && how === 'held' && nowMs - known.checkedMs < tuning.recentMs)
        return { ok: true, recording: known.copy.recording() }
      try {
        const held = await ask(recordingId)
        if (erased.has(recordingId)) return { ok: false, why: 'erased' }
        const open = copies.get(recordingId) ?? {
          copy: createHubCopy({
            stored: held,
            hub,
            cache,
            clock,
            log,
            tuning,
            onProgress: (share) => needs.onProgress(recordingId, share),
            onGone: (why) => void drop(recordingId, why).catch(failed('heard.not-removed')),
          }),
          checkedMs: nowMs,
        }
        open.copy.update(held)
        open.checkedMs = nowMs
        copies.delete(recordingId)
        copies.set(recordingId, open) // the newest last
        for (const [oldest, { copy }] of [...copies].slice(0, -tuning.openCopies)) {
          copies.delete(oldest)
          await copy.end('hub-busy')
        }
        return { ok: true, recording: open.copy.recording() }
      } catch (error) {
        log.warn({ recordingId, why: whyOf(error), cause: causeOf(error) }, 'heard.not-opened')
        return { ok: false, why: whyOf(error) }
      }
    },
    async erased(recordingId) {
      erased.add(recordingId)
      await drop(recordingId, 'erased')
    },
    linkUp: () =>
      inBackground(async () => {
        for (const recordingId of cache.list()) {
          if (stopping.signal.aborted) return
          // Away, or too busy: at the next link. What is gone for good has been dropped by then.
          await ask(recordingId).catch((error: unknown) => {
            if (!isGoneForGood(whyOf(error))) return
            log.info({ recordingId, why: whyOf(error) }, 'heard.removed')
          })
        }
      }, 'heard.not-checked'),
    async stop() {
      stopping.abort()
      cancelSweep()
      await background
      for (const { copy } of copies.values()) await copy.end('hub-away')
      await cache.stop()
    },
  }
}
