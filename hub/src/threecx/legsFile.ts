import { open, readFile, rename } from 'node:fs/promises'
import { errorCode } from '@3cx-ninja/recording-log/fileSystem.ts'
import { direction } from '@3cx-ninja/protocol'
import { z } from 'zod'
import type { LiveFact } from '../calls/liveFact.ts'
import type { Held, HeldLeg } from './heldCalls.ts'
import { jsonOf, type Participant } from './participant.ts'

export interface LegsFile {
  /** The legs that went on when the hub was last heard of; none where the file is missing or broken. */
  read(): Promise<Held>
  /** Rejects when the disk refuses; the old content stays. */
  write(held: Held): Promise<void>
}

const word = z.string().max(400)
const part = z.object({
  id: z.int(),
  extension: word,
  status: word,
  callId: z.int().optional(),
  legId: z.int().optional(),
  partyDn: word,
  partyType: word,
  callerId: word,
  callerName: word,
  originatedBy: word,
})
const fact = z.object({
  leg: z.string().max(64),
  extension: word,
  tells: z.enum(['ringing', 'talking', 'held', 'ended']),
  direction,
  remoteNumber: word.optional(),
  remoteName: word.optional(),
  conversation: z.string().max(64).optional(),
  atMs: z.number(),
})
const stored = z.object({
  version: z.literal(1),
  legs: z.array(
    z.object({
      leg: z.string().min(1).max(64),
      extension: word,
      callKey: word,
      direction,
      parts: z.array(part).max(100),
      told: fact,
    }),
  ).max(20_000),
}) // prettier-ignore

/**
 * The names of the legs that go on, so that a hub that restarts in the middle of a call speaks of the same leg: the PBX
 * gives no time and only small counters, from which no lasting name can be made.
 */
export function createLegsFile(file: string): LegsFile {
  return {
    async read() {
      let text: string
      try {
        text = await readFile(file, 'utf8')
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return new Map()
        throw error
      }
      const read = stored.safeParse(jsonOf(text))
      if (!read.success) throw new Error(`${file} is no list of legs`)
      return new Map(read.data.legs.map((leg) => [`${leg.extension}/${leg.callKey}`, restored(leg)]))
    },
    async write(held) {
      const legs = [...held.values()]
        .filter(({ told }) => told)
        .map(({ parts, leg, extension, callKey, direction, told }) => ({ leg, extension, callKey, direction, told, parts: [...parts.values()] })) // prettier-ignore
      const handle = await open(`${file}.new`, 'w', 0o600)
      try {
        await handle.writeFile(JSON.stringify({ version: 1, legs }))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(`${file}.new`, file)
    },
  }
}

function restored({ parts, told, ...leg }: z.infer<typeof stored>['legs'][number]): HeldLeg {
  const participants = parts.map((one): Participant => ({ ...one, callId: one.callId, legId: one.legId }))
  const { remoteNumber, remoteName, conversation, ...rest } = told
  const last: LiveFact = {
    ...rest,
    ...(remoteNumber === undefined ? {} : { remoteNumber }),
    ...(remoteName === undefined ? {} : { remoteName }),
    ...(conversation === undefined ? {} : { conversation }),
  }
  return { ...leg, parts: new Map(participants.map((one) => [one.id, one])), told: last, isAgain: true }
}
