import type { Clock, StoredRecording, RecordingId } from '@3cx-ninja/protocol'
import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { createHubCopy, type HubCopy } from './hubCopy.ts'
import type { HubSound } from './hubSound.ts'
import { isGoneForGood, noSound, whyOf, type NoSound } from './noSound.ts'
import type { PlayedRecording } from './playedRecording.ts'
import { playbackTuning, type PlaybackTuning } from './playbackTuning.ts'
import type { SoundCache } from './soundCache.ts'

export type HubOpened =
  { readonly ok: true; readonly recording: PlayedRecording } | { readonly ok: false; readonly why: NoSound }

/** `fresh` asks the hub whether the recording may be heard; `recent` trusts an answer of the last ten minutes, as a player needs that asks for stretch after stretch. */
export type Freshness = 'fresh' | 'recent'

export interface HubCopies {
  /** Resolves with a recording that the hub still has, or with the reason why it cannot be heard. Never rejects. */
  open(recordingId: RecordingId, freshness: Freshness): Promise<HubOpened>
  /** Destroys the copy of an erased recording: running players stop at once, and it is not opened again. Rejects when the disk refuses. */
  erased(recordingId: RecordingId): Promise<void>
  /** Asks the hub about every copy: a recording that the hub erased or expired meanwhile is destroyed here, too. Never rejects. */
  linkUp(): Promise<void>
  stop(): Promise<void>
}

export interface HubCopiesNeeds {
  readonly hub: HubSound
  readonly cache: SoundCache
  /** Returns whether the link is open; the hub is not asked otherwise. */
  readonly isHubThere: () => boolean
  readonly clock: Clock
  readonly log: Logger
  /** Receives the share of a recording on this disk, 0 to 1, at most four times a second. */
  readonly onProgress: (recordingId: RecordingId, share: number) => void
  readonly tuning?: PlaybackTuning
}

interface OpenCopy {
  readonly copy: HubCopy
  /** Monotonic time at which the hub last allowed it. */
  checkedMs: number
}

interface CopiesState {
  readonly needs: HubCopiesNeeds
  readonly tuning: PlaybackTuning
  readonly stopping: AbortController
  /** The copy used last comes last. */
  readonly copies: Map<RecordingId, OpenCopy>
  readonly erased: Set<RecordingId>
  readonly background: SerialQueue
  cancelSweep: () => void
}

/**
 * Opens the recordings of this agent that only the hub still has, through copies that fill while they play. A recording is unopened,
 * open (20 at most; the oldest ends first), or erased for good. Knows nothing of the copy's files: those live in soundCache.ts.
 */
export function createHubCopies(needs: HubCopiesNeeds): HubCopies {
  const state: CopiesState = {
    needs,
    tuning: needs.tuning ?? playbackTuning,
    stopping: new AbortController(),
    copies: new Map(),
    erased: new Set(),
    background: createSerialQueue(),
    cancelSweep: () => undefined,
  }
  scheduleSweep(state)
  return {
    open: (recordingId, freshness) => open(state, recordingId, freshness),
    async erased(recordingId) {
      state.erased.add(recordingId)
      await drop(state, recordingId, 'erased')
    },
    linkUp: () => inBackground(state, () => checkAll(state), 'playback.not-checked'),
    async stop() {
      state.stopping.abort()
      state.cancelSweep()
      await state.background.idle()
      for (const { copy } of state.copies.values()) await copy.end('hub-away')
      await needs.cache.stop()
    },
  }
}

function inBackground({ needs, background }: CopiesState, work: () => Promise<void>, event: string) {
  return background.run(work).catch(logFailure(needs.log, event))
}

const logFailure = (log: Logger, event: string) => (error: unknown) =>
  log.warn({ cause: causeOf(error) }, event)

function scheduleSweep(state: CopiesState): void {
  const { clock, cache } = state.needs
  state.cancelSweep = clock.after(state.tuning.sweepEveryMs, () => {
    void inBackground(state, cache.sweep, 'playback.not-swept')
    scheduleSweep(state)
  })
}

async function drop({ needs, copies }: CopiesState, recordingId: RecordingId, why: NoSound): Promise<void> {
  const open = copies.get(recordingId)
  copies.delete(recordingId)
  await open?.copy.end(why)
  await needs.cache.remove(recordingId)
}

async function describe(state: CopiesState, recordingId: RecordingId): Promise<StoredRecording> {
  const { needs, stopping } = state
  if (!needs.isHubThere()) throw noSound('hub-away', 'there is no link')
  try {
    return await needs.hub.describe(recordingId, stopping.signal)
  } catch (error) {
    if (isGoneForGood(whyOf(error))) await drop(state, recordingId, whyOf(error))
    throw error
  }
}

async function open(state: CopiesState, recordingId: RecordingId, freshness: Freshness): Promise<HubOpened> {
  const { needs, copies, erased, tuning } = state
  if (erased.has(recordingId)) return { ok: false, why: 'erased' }
  const recent = copies.get(recordingId)
  const nowMs = needs.clock.monotonicMs()
  if (recent && freshness === 'recent' && nowMs - recent.checkedMs < tuning.recentMs)
    return { ok: true, recording: recent.copy.recording() }
  try {
    const stored = await describe(state, recordingId)
    if (erased.has(recordingId)) return { ok: false, why: 'erased' }
    const opened = copies.get(recordingId) ?? { copy: createCopy(state, stored), checkedMs: nowMs }
    opened.copy.update(stored)
    opened.checkedMs = nowMs
    copies.delete(recordingId)
    copies.set(recordingId, opened)
    await evictOldest(state)
    return { ok: true, recording: opened.copy.recording() }
  } catch (error) {
    needs.log.warn({ recordingId, why: whyOf(error), cause: causeOf(error) }, 'playback.not-opened')
    return { ok: false, why: whyOf(error) }
  }
}

function createCopy(state: CopiesState, stored: StoredRecording): HubCopy {
  const { needs, tuning } = state
  const { recordingId } = stored
  return createHubCopy({
    ...needs,
    stored,
    tuning,
    onProgress: (share) => needs.onProgress(recordingId, share),
    onGone: (why) => void drop(state, recordingId, why).catch(logFailure(needs.log, 'playback.not-removed')),
  })
}

async function evictOldest({ copies, tuning }: CopiesState): Promise<void> {
  for (const [oldest, { copy }] of [...copies].slice(0, -tuning.openCopies)) {
    copies.delete(oldest)
    await copy.end('hub-busy')
  }
}

async function checkAll(state: CopiesState): Promise<void> {
  const { needs, stopping } = state
  for (const recordingId of needs.cache.list()) {
    if (stopping.signal.aborted) return
    // A hub that is away or busy is asked again at the next link; `describe` has dropped a recording that is gone for good.
    await describe(state, recordingId).catch((error: unknown) => {
      if (!isGoneForGood(whyOf(error))) return
      needs.log.info({ recordingId, why: whyOf(error) }, 'playback.removed')
    })
  }
}
