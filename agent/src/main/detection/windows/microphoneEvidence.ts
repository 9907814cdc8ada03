import type { Clock } from '@3cx-ninja/protocol'
import type { CallFact } from '../../call/callState.ts'
import type { MicrophoneUse } from './consentEntries.ts'

/** A source that may report that the telephone uses the microphone. */
export type Witness = 'consent-store' | 'audio-sessions'

/** One use of the microphone by the telephone, as one or both witnesses see it. */
interface Talk {
  /** Name under which the use was reported. */
  readonly leg: string
  readonly beganMs: number
  /** Per witness, the name and the begin under which it sees the use. */
  readonly seen: ReadonlyMap<Witness, MicrophoneUse>
}

/**
 * Two witnesses of one use that name it differently (a package here, its program there) see it begin that close together:
 * Windows notifies both within milliseconds; the helper may have to be started first.
 */
const SAME_USE_MS = 5_000

/** Joins what several witnesses see of the microphone's use into facts of calls. */
export interface MicrophoneEvidence {
  /** Stores all uses that a witness sees now and returns the changes as facts. The uses stay until the witness's next update. */
  update(witness: Witness, uses: readonly MicrophoneUse[]): readonly CallFact[]
  /** Returns the programs that use the microphone now, under each name. */
  inUse(): readonly string[]
}

/**
 * Joins the reports of several witnesses of the microphone into facts of one source: a use begins with the first witness that
 * sees it and ends when none sees it any more. So two witnesses do not make two calls of one, and a witness that misses an
 * end or a start changes nothing. A use that began again was released in between, also where no witness saw that: the call
 * machine joins the two if they lie close together.
 */
export function createMicrophoneEvidence({ clock }: { readonly clock: Clock }): MicrophoneEvidence {
  let talks: readonly Talk[] = []
  return {
    update(witness, uses) {
      const nowMs = clock.monotonicMs()
      const left = talks.map((talk) => leave(talk, witness, uses))
      const going = left.filter(({ seen }) => seen.size > 0)
      const known = going.flatMap(({ seen }) => seen.get(witness) ?? [])
      const begun = uses.filter((use) => known.every((each) => !isSame(each, use)))
      talks = begun.reduce<readonly Talk[]>((all, use) => join(all, witness, use, nowMs), going)
      const before = new Set(going)
      const fresh = talks.filter(({ leg }) => going.every((talk) => talk.leg !== leg))
      return [
        ...left.filter((talk) => !before.has(talk)).map(({ leg }) => factOf('ended', leg)),
        ...fresh.map(({ leg }) => factOf('talking', leg)),
      ]
    },
    inUse: () => [...new Set(talks.flatMap(({ seen }) => [...seen.values()].map(({ app }) => app)))],
  }
}

const factOf = (state: 'talking' | 'ended', leg: string): CallFact => ({ source: 'microphone', state, leg })

const isNamedAlike = (name: string, other: string) => name.toLowerCase() === other.toLowerCase()

const isSame = (use: MicrophoneUse, other: MicrophoneUse) =>
  use.app === other.app && use.sinceMs === other.sinceMs

/** Returns the talk without this witness, unless the witness still sees the same use. */
function leave(talk: Talk, witness: Witness, uses: readonly MicrophoneUse[]): Talk {
  const own = talk.seen.get(witness)
  if (!own || uses.some((use) => isSame(use, own))) return talk
  return { ...talk, seen: new Map([...talk.seen].filter(([who]) => who !== witness)) }
}

function join(talks: readonly Talk[], witness: Witness, use: MicrophoneUse, nowMs: number): readonly Talk[] {
  const began = (leg: string, seen: Talk['seen']): Talk => ({ leg, beganMs: nowMs, seen })
  const put = (talk: Talk): Talk => ({ ...talk, seen: new Map([...talk.seen, [witness, use]]) })
  const named = talks.find(({ leg }) => isNamedAlike(leg, use.app))
  if (named) {
    const guessed = named.seen.get(witness)
    const joined = talks.map((talk) => (talk === named ? put(talk) : talk))
    // A use that was joined by a guess moves to its own talk, which may have a leg by now.
    const isElsewhere = guessed && !isNamedAlike(guessed.app, use.app)
    return isElsewhere ? join(joined, witness, guessed, nowMs) : joined
  }
  const seenSo = talks.find(({ seen }) => [...seen.values()].some(({ app }) => isNamedAlike(app, use.app)))
  if (seenSo?.seen.has(witness)) {
    // This witness separates two uses that were joined as one.
    const isOther = ([, { app }]: readonly [Witness, MicrophoneUse]) => !isNamedAlike(app, use.app)
    const old = { ...seenSo, seen: new Map([...seenSo.seen].filter(isOther)) }
    const apart = new Map([...seenSo.seen].filter((entry) => !isOther(entry)))
    return [...talks.map((talk) => (talk === seenSo ? old : talk)), put(began(use.app, apart))]
  }
  const isClose = ({ leg, beganMs, seen }: Talk) =>
    !seen.has(witness) && isPackage(leg) !== isPackage(use.app) && nowMs - beganMs < SAME_USE_MS
  const same = seenSo ?? talks.find(isClose)
  if (same) return talks.map((talk) => (talk === same ? put(talk) : talk))
  return [...talks, began(use.app, new Map([[witness, use]]))]
}

const isPackage = (app: string) => !app.endsWith('.exe')
