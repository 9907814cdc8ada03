import { DAY_MS, type Clock } from '@3cx-ninja/protocol'
import { checkIntegrity, type Integrity } from '../database/integrity.ts'
import type { HealthPart } from '../http/health.ts'
import type { Log } from '../observe/log.ts'

/** At night nobody waits for the disk. */
const NIGHT_HOUR = 3
const REMEDY =
  'Stop the hub, keep a copy of the data folder, and restore the database from the last backup (docs/operations.md). Until then it may lose what it stores.'

/** The nightly check of the database, from its creation until `stop`. */
export interface DatabaseWatch {
  /** Returns the database's failure; undefined while the last check found none. */
  readonly damage: () => HealthPart | undefined
  /** Resolves once a running check has ended. */
  stop(): Promise<void>
}

/** Checks the whole database each night at three, by the machine's own time; logs what it finds. A check that cannot run is logged. */
export function watchDatabase({ file, clock, log }: { file: string; clock: Clock; log: Log }): DatabaseWatch {
  const stopping = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let found: Integrity = { ok: true }
  let cancel = () => {}
  const check = async () => {
    try {
      found = await checkIntegrity(file, stopping.signal)
      if (found.ok) log.info({}, 'database.sound')
      else log.error({ detail: found.detail, remedy: REMEDY }, 'database.damaged')
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ error: String(error) }, 'database.check-failed')
    }
  }
  const schedule = () => {
    cancel = clock.after(untilNight(clock.nowMs()), () => {
      running = check().finally(() => {
        if (!stopping.signal.aborted) schedule()
      })
    })
  }
  schedule()
  return {
    damage: () =>
      found.ok ? undefined : { name: 'database', state: 'failed', reason: found.detail, remedy: REMEDY },
    async stop() {
      stopping.abort()
      cancel()
      await running
    },
  }
}

function untilNight(nowMs: number): number {
  const next = new Date(nowMs).setHours(NIGHT_HOUR, 0, 0, 0)
  return next > nowMs ? next - nowMs : next + DAY_MS - nowMs
}
