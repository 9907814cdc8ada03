import { MINUTE_MS, type Clock } from '@3cx-ninja/protocol'

/** A program of a client that has just been welcomed: which instance, on which machine. */
export interface ClientProgram {
  readonly clientId: string
  readonly role: 'agent' | 'worker'
  /** The member's name, for people. */
  readonly name: string
  readonly instance: string | undefined
  readonly machine: string | undefined
  readonly address: string
}
/** Where a program runs that uses a client's token. */
export interface ProgramLocation {
  readonly machine: string | undefined
  readonly address: string
}
/** One token that several programs use in turn, such as that of a PC whose disk was copied. */
export interface SharedToken {
  readonly clientId: string
  readonly role: 'agent' | 'worker'
  readonly name: string
  readonly locations: readonly ProgramLocation[]
}
/**
 * The tokens that several programs use in turn, as far as their links show it. A token is shared from the return of a
 * program after another one until 20 minutes without such a return.
 */
export interface SharedTokens {
  /** Notes that this program was welcomed; calls `onShared` when its token turns out to be shared. */
  connected(program: ClientProgram): void
  /** Returns the tokens that are shared at this moment, each with every location where it is used. */
  list(): readonly SharedToken[]
}

/** Two programs with one token wait at most 5 minutes ±50 % each (the link's tuning): within 20 minutes a lasting conflict shows again. */
const QUIET_MS = 20 * MINUTE_MS
/** Programs remembered of one client: more copies of one enrollment than stay unnoticed. */
const PROGRAMS = 8

interface TokenUse extends ClientProgram {
  readonly programs: ReadonlyMap<string, ProgramLocation>
  /** Programs that came back after another one was here. */
  readonly returned: ReadonlySet<string>
  readonly lastSharedMs: number | undefined
  readonly current: string
}

/**
 * Creates the check that recognizes several programs with one client's token. A program that starts again has a new
 * instance, so no program ever returns to an instance that another one followed, unless both run: no threshold, and
 * no alarm for a PC that restarts or changes its network. A client that sends no instance is not checked. Rule L8.
 */
export function createSharedTokens(needs: {
  readonly clock: Clock
  /** Once for each fight, at its beginning. */
  readonly onShared: (sharedToken: SharedToken) => void
}): SharedTokens {
  const { clock } = needs
  const uses = new Map<string, TokenUse>()
  const isShared = ({ lastSharedMs }: TokenUse) =>
    lastSharedMs !== undefined && clock.monotonicMs() - lastSharedMs < QUIET_MS

  /** A program that enrolled again has a token of its own: the conflict over the old one ends at once. */
  const forgetElsewhere = (instance: string, clientId: string) => {
    for (const [id, use] of uses) {
      if (id === clientId || !use.returned.has(instance)) continue
      const returned = new Set([...use.returned].filter((one) => one !== instance))
      const programs = new Map([...use.programs].filter(([one]) => one !== instance))
      const current = use.current === instance ? ([...programs.keys()].at(-1) ?? instance) : use.current
      const lastSharedMs = returned.size > 1 ? use.lastSharedMs : undefined
      uses.set(id, { ...use, programs, current, returned, lastSharedMs })
    }
  }

  return {
    connected(program) {
      const { clientId, instance, machine, address } = program
      if (instance === undefined) return
      forgetElsewhere(instance, clientId)
      const previous = uses.get(clientId)
      const location = { machine, address }
      if (!previous || previous.current === instance) {
        const programs = new Map(previous?.programs).set(instance, location)
        const fresh = { returned: new Set<string>(), lastSharedMs: undefined }
        return void uses.set(clientId, { ...fresh, ...previous, ...program, programs, current: instance })
      }
      const hasReturned = previous.programs.has(instance)
      const programs = new Map(previous.programs)
      programs.delete(instance) // the newest ones last
      programs.set(instance, location)
      for (const old of [...programs.keys()].slice(0, -PROGRAMS)) programs.delete(old)
      const now: TokenUse = {
        ...program,
        programs,
        current: instance,
        returned: hasReturned
          ? new Set([...(isShared(previous) ? previous.returned : []), instance, previous.current])
          : previous.returned,
        lastSharedMs: hasReturned ? clock.monotonicMs() : previous.lastSharedMs,
      }
      uses.set(clientId, now)
      if (hasReturned && !isShared(previous)) needs.onShared(sharedTokenOf(now))
    },
    list: () => [...uses.values()].filter(isShared).map(sharedTokenOf),
  }
}

function sharedTokenOf({ clientId, role, name, programs, returned }: TokenUse): SharedToken {
  const locations = [...programs]
    .filter(([instance]) => returned.has(instance))
    .map(([, location]) => location)
  return { clientId, role, name, locations }
}

/** Returns the location as text, such as 'PC-ACCUEIL (10.0.0.7)'. */
export const locationText = ({ machine, address }: ProgramLocation): string =>
  machine === undefined ? address : `${machine} (${address})`
