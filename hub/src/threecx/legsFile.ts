import { open, readFile, rename } from 'node:fs/promises'
import { errorCode } from '@3cx-ninja/recording-log/fileSystem.ts'
import { direction, parseJson } from '@3cx-ninja/protocol'
import { z } from 'zod'
import type { LiveFact } from '../calls/liveFact.ts'
import type { PbxLegs, PbxLeg } from './pbxLegs.ts'
import type { Participant } from './participant.ts'

/** The file by which the names of active legs outlive the hub. */
export interface LegsFile {
  /** Resolves with the legs that were active when the hub last ran; none where the file is missing. Rejects when it is broken. */
  read(): Promise<PbxLegs>
  /** Rejects when the disk refuses; the old content stays. */
  write(legs: PbxLegs): Promise<void>
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
const storedFact = z.object({
  leg: z.string().max(64),
  extension: word,
  state: z.enum(['ringing', 'talking', 'held', 'ended']),
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
      lastFact: storedFact,
    }),
  ).max(20_000),
}) // prettier-ignore

/**
 * Creates the store of active legs, so that a hub that restarts in the middle of a call reports the same leg: the PBX
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
      const read = stored.safeParse(parseJson(text))
      if (!read.success) throw new Error(`${file} is no list of legs`)
      return new Map(read.data.legs.map((leg) => [`${leg.extension}/${leg.callKey}`, restored(leg)]))
    },
    async write(all) {
      const legs = [...all.values()]
        .filter(({ lastFact }) => lastFact)
        .map(({ parts, leg, extension, callKey, direction, lastFact }) => ({ leg, extension, callKey, direction, lastFact, parts: [...parts.values()] })) // prettier-ignore
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

function restored({ parts, lastFact, ...leg }: z.infer<typeof stored>['legs'][number]): PbxLeg {
  const participants = parts.map((one): Participant => ({ ...one, callId: one.callId, legId: one.legId }))
  const { remoteNumber, remoteName, conversation, ...rest } = lastFact
  const fact: LiveFact = {
    ...rest,
    ...(remoteNumber === undefined ? {} : { remoteNumber }),
    ...(remoteName === undefined ? {} : { remoteName }),
    ...(conversation === undefined ? {} : { conversation }),
  }
  return {
    ...leg,
    parts: new Map(participants.map((one) => [one.id, one])),
    lastFact: fact,
    mustRepeat: true,
  }
}
