import type { Clock } from '@3cx-ninja/protocol'
import type { CallFact } from '../../call/callState.ts'
import type { MicrophoneUse } from './consentEntries.ts'

/** Who may say that the telephone uses the microphone. */
export type Witness = 'consent-store' | 'audio-sessions'

/** One use of the microphone by the telephone, whoever noticed it. */
interface Talk {
  /** Name under which it was told. */
  readonly leg: string
  readonly beganMs: number
  /** Under which name and since when each witness sees it. */
  readonly seen: ReadonlyMap<Witness, MicrophoneUse>
}

/**
 * Two witnesses of one use that name it differently (a package here, its program there) see it begin that close together:
 * both are told by Windows, which takes milliseconds; the helper may have to be started first.
 */
const SAME_USE_MS = 5_000

export interface MicrophoneEvidence {
  /** All uses that a witness sees now; what changes by it, as facts. Kept until the witness says otherwise. */
  update(witness: Witness, uses: readonly MicrophoneUse[]): readonly CallFact[]
  /** Programs that use the microphone just now, under each name. */
  inUse(): readonly string[]
}

/**
 * Joins what several witnesses say about the microphone into facts of one source: a use begins with the first of them who
 * sees it and ends when none sees it any more. So two witnesses make no two calls of one, and one of them that misses an
 * end or a start changes nothing. A use that began anew was let go of in between, also where nobody saw it: the call
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
        ...left.filter((talk) => !before.has(talk)).map(({ leg }) => told('ended', leg)),
        ...fresh.map(({ leg }) => told('talking', leg)),
      ]
    },
    inUse: () => [...new Set(talks.flatMap(({ seen }) => [...seen.values()].map(({ app }) => app)))],
  }
}

const told = (state: 'talking' | 'ended', leg: string): CallFact => ({ source: 'microphone', state, leg })

const isNamedAlike = (name: string, other: string) => name.toLowerCase() === other.toLowerCase()

const isSame = (use: MicrophoneUse, other: MicrophoneUse) =>
  use.app === other.app && use.sinceMs === other.sinceMs

/** Without this witness, unless it sees the same use still. */
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
    // What stood there by a guess goes to where it belongs; it may have a leg of its own by now.
    const isElsewhere = guessed && !isNamedAlike(guessed.app, use.app)
    return isElsewhere ? join(joined, witness, guessed, nowMs) : joined
  }
  const seenSo = talks.find(({ seen }) => [...seen.values()].some(({ app }) => isNamedAlike(app, use.app)))
  if (seenSo?.seen.has(witness)) {
    // This witness tells apart what we took for one.
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
