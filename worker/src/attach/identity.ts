import { chmod, open, readFile, rename } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { nextDelayMs, type Clock, type Random } from '@3cx-ninja/protocol'
import { abortableSleep } from '@3cx-ninja/node-kit/abortableSleep.ts'
import { enroll, isWorthRetrying } from '@3cx-ninja/node-kit/enroll.ts'
import { z } from 'zod'
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import type { Log } from '../log.ts'
import { StartupError } from '../startupError.ts'
import { workerTuning } from '../tuning.ts'

const identitySchema = z.object({
  hub: z.string(),
  id: z.string(),
  token: z.string(),
  /** The pinned certificate authority, PEM. */
  ca: z.string().optional(),
})
/** A worker's identity at its hub, as `worker-identity.json` keeps it: id, token and pinned certificate authority. */
export type Identity = z.infer<typeof identitySchema>

/**
 * Resolves with this worker's identity at its hub: the stored one, or a new one for the enrollment key. A hub that is away is
 * asked again until it answers. Rejects with the remedy: StartupError when the hub refuses the key, or there is none, since
 * no restart corrects that.
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
  const stored = await read(file)
  if (stored?.hub === hub) return stored
  if (needs.enrollmentKey === '') {
    throw new StartupError(
      stored
        ? `This worker is enrolled at ${stored.hub}, not at ${hub}: give an enrollment key of the new hub.`
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
      if (!isWorthRetrying(error)) throw new StartupError(causeOf(error), { cause: error })
      const delayMs = nextDelayMs({ attempt, random: needs.random }, workerTuning.enrollRetry)
      needs.log.warn({ hub, cause: causeOf(error), retryInMs: delayMs }, 'hub.away')
      await abortableSleep(needs.clock, delayMs)
    }
  }
}

async function read(file: string): Promise<Identity | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
    await chmod(file, 0o600) // A backup may have restored the file without its mode.
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

/** Writes the identity to disk as a whole or not at all; only this user can read it. */
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
