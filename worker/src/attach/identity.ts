import { chmod, open, readFile, rename } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { nextDelayMs, type Clock, type Random } from '@3cx-ninja/protocol'
import { enroll, isWorthRetrying } from '@3cx-ninja/node-kit/enroll.ts'
import { z } from 'zod'
import { causeOf, type Log } from '../log.ts'
import { Unfit } from '../unfit.ts'

const identitySchema = z.object({
  hub: z.string(),
  id: z.string(),
  token: z.string(),
  /** The pinned certificate authority, PEM. */
  ca: z.string().optional(),
})
export type Identity = z.infer<typeof identitySchema>

const AGAIN = { firstMs: 500, maxMs: 15_000, factor: 2 }

/**
 * Who this worker is at its hub: the kept identity, or a new one for the enrollment key. Waits for a hub that is away.
 * Rejects with the remedy: Unfit when the hub refuses the key, or there is none, since no restart mends that.
 */
export async function ensureIdentity(needs: {
  readonly folder: string
  readonly hub: string
  readonly enrollmentKey: string
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}): Promise<Identity> {
  const file = path.join(needs.folder, 'worker-identity.json')
  const hub = new URL(needs.hub).origin
  const kept = await read(file)
  if (kept?.hub === hub) return kept
  if (needs.enrollmentKey === '') {
    throw new Unfit(
      kept
        ? `This worker is enrolled at ${kept.hub}, not at ${hub}: give an enrollment key of the new hub.`
        : 'This worker is not enrolled yet: give an enrollment key (role worker) from the admin page of the hub.',
    )
  }
  for (let attempt = 1; ; attempt++) {
    try {
      const { id, token, ca } = await enroll(needs.hub, needs.enrollmentKey, {
        role: 'worker',
        name: needs.name,
        machine: hostname(),
      })
      const identity = { hub, id, token, ...(ca ? { ca } : {}) }
      await write(file, identity)
      return identity
    } catch (error) {
      if (!isWorthRetrying(error)) throw new Unfit(causeOf(error), { cause: error })
      const delayMs = nextDelayMs({ attempt, random: needs.random }, AGAIN)
      needs.log.warn({ hub, cause: causeOf(error), againInMs: delayMs }, 'hub.away')
      await new Promise<void>((resolve) => needs.clock.after(delayMs, resolve))
    }
  }
}

async function read(file: string): Promise<Identity | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
    await chmod(file, 0o600) // it may come from a backup that forgot
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new Error(`${file} cannot be read: give it to the user that runs this worker.`, { cause })
  }
  try {
    return identitySchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${file} is damaged: remove it and enroll this worker again.`, { cause })
  }
}

/** On disk as a whole or not at all; only this user can read it. */
async function write(file: string, identity: Identity): Promise<void> {
  try {
    const handle = await open(`${file}.new`, 'w', 0o600)
    try {
      await handle.writeFile(JSON.stringify(identity))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(`${file}.new`, file)
  } catch (cause) {
    throw new Error(
      `This worker was enrolled, but cannot keep its identity in ${file}: make room or correct --data, then enroll it again with a new key.`,
      { cause },
    )
  }
}
