import { type Clock, type StoredRecording, type LogRecord } from '@3cx-ninja/protocol'
import { causeOf, type Logger } from '../process/log.ts'
import type { From, HubSound } from './hubSound.ts'
import { isGoneForGood, noSound, whyOf, type NoSound } from './noSound.ts'
import { RUN_UP_RECORDS, type PlayedRecording } from './playedRecording.ts'
import type { PlaybackTuning } from './playbackTuning.ts'
import type { CachedPart, SoundCache } from './soundCache.ts'

export interface HubCopy {
  recording(): PlayedRecording
  /** The hub tells anew what it holds: more, where the recording grew. */
  update(stored: StoredRecording): void
  /** Nobody hears any more of it. Resolved when nothing is under way. */
  end(why: NoSound): Promise<void>
}

export interface HubCopyNeeds {
  readonly stored: StoredRecording
  readonly hub: HubSound
  readonly cache: SoundCache
  readonly clock: Clock
  readonly log: Logger
  readonly tuning: PlaybackTuning
  readonly onProgress: (share: number) => void
  /** The hub says in the middle that it is not to be heard any more. */
  readonly onGone: (why: NoSound) => void
}

type StoredPart = StoredRecording['parts'][number]
const isHubs = (error: unknown): boolean => error instanceof Error && 'why' in error
/** Before a place: both channels take turns, so that the run-up has some to choose from. */
const LEAD_RECORDS = 4 * RUN_UP_RECORDS

/**
 * One recording of the hub's, heard while it comes: a copy fills from its beginning in the background as soon as somebody
 * listens; what is in the copy is read there, what it will have in a moment is waited for, and a place far behind is
 * asked for by itself, a few seconds at a time.
 */
export function createHubCopy(needs: HubCopyNeeds): HubCopy {
  const { hub, cache, clock, log, tuning } = needs
  const ending = new AbortController()
  const { signal } = ending
  let { stored: held } = needs
  let endedBecause: NoSound | undefined
  /** Where the copy stands: filling a part, or at rest: whole, or given up until somebody listens again. */
  let fill: { at: 'rest' } | { at: 'part'; part: number } = { at: 'rest' }
  let filling: Promise<void> = Promise.resolve()
  const cached = new Map<number, CachedPart>()
  /** The hub's file ends before it should: where. */
  const short = new Map<number, number>()
  let waiting: (() => void)[] = []
  let reportedMs = -Infinity

  const wake = () => {
    const now = waiting
    waiting = []
    for (const each of now) each()
  }
  const grown = () => new Promise<void>((resolve) => waiting.push(resolve))
  const endOfPart = ({ header, position }: StoredPart) =>
    Math.min(position, short.get(header.part) ?? position)
  /** The copy, unless it was thrown away to make room or for its age. */
  const copyOf = (part: number): CachedPart | undefined => {
    const copy = cached.get(part)
    if (!copy?.isGone()) return copy
    cached.delete(part)
    return undefined
  }
  const reportProgress = (atOnce: boolean) => {
    const nowMs = clock.monotonicMs()
    if (!atOnce && nowMs - reportedMs < tuning.progressMs) return
    reportedMs = nowMs
    const all = held.parts.reduce((sum, part) => sum + endOfPart(part), 0)
    const here = held.parts.reduce((sum, { header }) => sum + (copyOf(header.part)?.position ?? 0), 0)
    needs.onProgress(all === 0 ? 1 : Math.min(1, here / all))
  }
  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve()
      const done = () => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = clock.after(delayMs, done)
      signal.addEventListener('abort', done, { once: true })
    })
  /** Again after a growing delay, where the hub went away or is busy; `hasGoneOn` begins the count anew. */
  const trying = async <Value>(work: () => Promise<Value>, hasGoneOn = () => false): Promise<Value> => {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        if (hasGoneOn()) tries = 1
        if (signal.aborted || !isHubs(error) || isGoneForGood(whyOf(error)) || tries > tuning.tries)
          throw error
        await pause(tuning.againMs * 2 ** (tries - 1))
        check()
      }
    }
  }
  const request = (part: StoredPart, from: From, limit: number) =>
    hub.records({ recordingId: held.recordingId, part: part.header.part, from, limit }, signal)

  /** One request's worth. 'short': the hub has no more of it, though it said so. */
  const fillSome = async (part: StoredPart, copy: CachedPart): Promise<'went-on' | 'short'> => {
    const before = copy.position
    const limit = Math.min(tuning.fillRecords, part.position - before)
    for await (const records of request(part, { sequence: before }, limit)) {
      await copy.append(records)
      wake()
      reportProgress(false)
    }
    return copy.position > before ? 'went-on' : 'short'
  }
  const fillPart = async (part: StoredPart) => {
    const copy = await cache.open(part.header, part.position)
    cached.set(part.header.part, copy)
    wake()
    reportProgress(true)
    while (copy.position < endOfPart(part) && !signal.aborted) {
      if (!(await cache.makeRoom(held.recordingId))) return
      let before = copy.position
      const hasGoneOn = () => {
        const went = copy.position > before
        before = copy.position
        return went
      }
      if ((await trying(() => fillSome(part, copy), hasGoneOn)) === 'short')
        short.set(part.header.part, copy.position)
    }
    if (copy.position >= endOfPart(part)) await copy.finish()
  }
  const fillAll = async () => {
    for (const part of held.parts) {
      if ((copyOf(part.header.part)?.position ?? 0) >= endOfPart(part)) continue
      fill = { at: 'part', part: part.header.part }
      await fillPart(part)
    }
    fill = { at: 'rest' }
    reportProgress(true)
  }
  const startFilling = () => {
    cache.used(held.recordingId)
    if (endedBecause || fill.at === 'part') return
    fill = { at: 'part', part: held.parts[0]?.header.part ?? 0 }
    filling = fillAll()
      .catch((error: unknown) => {
        // A disk that refuses the copy keeps nobody from listening: each place is asked for by itself.
        fill = { at: 'rest' }
        if (signal.aborted) return
        log.warn({ recordingId: held.recordingId, cause: causeOf(error) }, 'heard.not-copied')
        if (isHubs(error) && isGoneForGood(whyOf(error))) needs.onGone(whyOf(error))
      })
      .finally(wake)
  }
  const check = () => {
    if (endedBecause) throw noSound(endedBecause, 'not to be heard any more')
  }
  const isFilling = (part: number) => fill.at === 'part' && fill.part === part
  /** The records of a jump, or none where the part ends. */
  const jump = async (part: StoredPart, from: From): Promise<readonly LogRecord[]> => {
    const all = await trying(async () => {
      const some: LogRecord[] = []
      for await (const records of request(part, from, tuning.jumpRecords)) some.push(...records)
      return some
    })
    check()
    return all
  }

  /** The copy went in the middle, or this disk fails: the hub has it all. */
  const passOver = (part: number, copy: CachedPart, error: unknown) => {
    check()
    cached.delete(part)
    if (!copy.isGone())
      log.warn({ recordingId: held.recordingId, part, cause: causeOf(error) }, 'heard.copy-not-read')
  }
  async function* recordsOfCopy(
    part: number,
    copy: CachedPart,
    from: number,
  ): AsyncGenerator<readonly LogRecord[], void> {
    try {
      for await (const records of copy.read(from)) {
        check()
        yield records
      }
    } catch (error) {
      passOver(part, copy, error)
    }
  }
  const sequenceNear = async (
    part: number,
    copy: CachedPart,
    sample: number,
  ): Promise<number | undefined> => {
    try {
      return Math.max(0, (await copy.sequenceAt(sample)) - LEAD_RECORDS)
    } catch (error) {
      passOver(part, copy, error)
      return undefined
    }
  }
  async function* recordsOf(part: StoredPart, sample: number): AsyncGenerator<readonly LogRecord[], void> {
    startFilling()
    const number = part.header.part
    let next: number | undefined
    for (;;) {
      check()
      const copy = copyOf(number)
      if (next === undefined) {
        const isHere = copy && (copy.endSample > sample || copy.position >= endOfPart(part))
        if (isHere) next = await sequenceNear(number, copy, sample)
        else if (isFilling(number) && sample - (copy?.endSample ?? 0) <= tuning.soonSamples) await grown()
        else {
          const records = await jump(part, { sample })
          if (records.length === 0) return
          yield records
          next = (records.at(-1)?.sequence ?? 0) + 1
        }
        continue
      }
      if (next >= endOfPart(part)) return
      if (copy && next < copy.position) {
        const before = next
        for await (const records of recordsOfCopy(number, copy, next)) {
          yield records
          next = (records.at(-1)?.sequence ?? 0) + 1
        }
        // It was damaged on this disk, or went: what stands there is asked for by itself.
        if (next === before) cached.delete(number)
      } else if (isFilling(number) && next - (copy?.position ?? 0) <= tuning.soonRecords) await grown()
      else {
        const records = await jump(part, { sequence: next })
        if (records.length === 0) return
        yield records
        next = (records.at(-1)?.sequence ?? 0) + 1
      }
    }
  }

  return {
    recording: () => ({
      parts: held.parts.map(({ header, samples }) => ({ part: header.part, codec: header.codec, samples })),
      async *records(number, sample) {
        const part = held.parts.find(({ header }) => header.part === number)
        if (part) yield* recordsOf(part, sample)
      },
    }),
    update(next) {
      held = next
    },
    async end(why) {
      endedBecause = why
      ending.abort()
      wake()
      await filling
    },
  }
}
