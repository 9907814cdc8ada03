import { MINUTE_MS, type Clock } from '@3cx-ninja/protocol'

/** A newcomer that has just been welcomed: which program, on which machine. */
export interface Newcomer {
  readonly memberId: string
  readonly role: 'agent' | 'worker'
  /** The member's name, for people. */
  readonly name: string
  readonly instance: string | undefined
  readonly machine: string | undefined
  readonly address: string
}
/** Where a program runs that uses somebody's token. */
export interface Place {
  readonly machine: string | undefined
  readonly address: string
}
/** One token that several programs use in turn, such as that of a PC whose disk was copied. */
export interface Rivalry {
  readonly memberId: string
  readonly role: 'agent' | 'worker'
  readonly name: string
  readonly places: readonly Place[]
}
export interface Rivals {
  arrived(newcomer: Newcomer): void
  /** Those seen lately: of each, every place where its token is used. */
  list(): readonly Rivalry[]
}

/** Two rivals wait at most 5 minutes ±50 % each (the link's tuning): within this, a lasting fight shows again. */
const CALM_MS = 20 * MINUTE_MS
/** Programs remembered of one member: more than anybody copies one enrollment to without being told. */
const PROGRAMS = 8

interface Seen extends Newcomer {
  readonly programs: ReadonlyMap<string, Place>
  /** Programs that came back after another one was here. */
  readonly returned: ReadonlySet<string>
  readonly foughtMs: number | undefined
  readonly current: string
}

/**
 * Recognizes that several programs use one member's token. A program that starts anew has a new instance, so nobody ever
 * comes back to an instance that another one followed, unless both run: no threshold, and no alarm for a PC that restarts
 * or changes its network. A newcomer that tells no instance is not judged. Rule L8.
 */
export function createRivals(needs: {
  readonly clock: Clock
  /** Once for each fight, at its beginning. */
  readonly onFound: (rivalry: Rivalry) => void
}): Rivals {
  const { clock } = needs
  const members = new Map<string, Seen>()
  const isOn = ({ foughtMs }: Seen) => foughtMs !== undefined && clock.monotonicMs() - foughtMs < CALM_MS

  /** Enrolled anew it has a token of its own: the fight over the old one is over at once. */
  const leave = (instance: string, memberId: string) => {
    for (const [id, seen] of members) {
      if (id === memberId || !seen.returned.has(instance)) continue
      const returned = new Set([...seen.returned].filter((one) => one !== instance))
      const programs = new Map([...seen.programs].filter(([one]) => one !== instance))
      const current = seen.current === instance ? ([...programs.keys()].at(-1) ?? instance) : seen.current
      const foughtMs = returned.size > 1 ? seen.foughtMs : undefined
      members.set(id, { ...seen, programs, current, returned, foughtMs })
    }
  }

  return {
    arrived(newcomer) {
      const { memberId, instance, machine, address } = newcomer
      if (instance === undefined) return
      leave(instance, memberId)
      const before = members.get(memberId)
      const place = { machine, address }
      if (!before || before.current === instance) {
        const programs = new Map(before?.programs).set(instance, place)
        const fresh = { returned: new Set<string>(), foughtMs: undefined }
        return void members.set(memberId, { ...fresh, ...before, ...newcomer, programs, current: instance })
      }
      const isBack = before.programs.has(instance)
      const programs = new Map(before.programs)
      programs.delete(instance) // the newest ones last
      programs.set(instance, place)
      for (const old of [...programs.keys()].slice(0, -PROGRAMS)) programs.delete(old)
      const now: Seen = {
        ...newcomer,
        programs,
        current: instance,
        returned: isBack
          ? new Set([...(isOn(before) ? before.returned : []), instance, before.current])
          : before.returned,
        foughtMs: isBack ? clock.monotonicMs() : before.foughtMs,
      }
      members.set(memberId, now)
      if (isBack && !isOn(before)) needs.onFound(rivalryOf(now))
    },
    list: () => [...members.values()].filter(isOn).map(rivalryOf),
  }
}

function rivalryOf({ memberId, role, name, programs, returned }: Seen): Rivalry {
  const places = [...programs].filter(([instance]) => returned.has(instance)).map(([, place]) => place)
  return { memberId, role, name, places }
}

/** 'PC-ACCUEIL (10.0.0.7)'. */
export const placeInWords = ({ machine, address }: Place): string =>
  machine === undefined ? address : `${machine} (${address})`
