import { z } from 'zod'

const seconds = z.number().positive()
const shared = {
  url: z.string(),
  caFile: z.string(),
  /** hub uses the product's own protocol; relay uses only the same frames and answers. */
  dialect: z.enum(['hub', 'relay']),
}

/** The orders of a process of simulated agents, in a file named on its command line. */
export const loadOrder = z.object({
  ...shared,
  /** One token for each agent. */
  tokens: z.array(z.string()),
  /** Number of the first agent, which keeps ids and extensions of the processes apart. */
  first: z.int(),
  framesPerSecond: z.number().positive(),
  frameBytes: z.int(),
  warmUpSeconds: seconds,
  measureSeconds: seconds,
})
export type LoadOrder = z.infer<typeof loadOrder>

/** The orders of the process that stands in for the workers. */
export const receiverOrder = z.object({
  ...shared,
  /** One token for each socket. */
  tokens: z.array(z.string()),
  /** Number of recordings to lease, or of agents to relay. */
  recordings: z.int(),
})
export type ReceiverOrder = z.infer<typeof receiverOrder>

export const relayOrder = z.object({
  /** Key and certificate in one file, as the hub keeps them. */
  leafFile: z.string(),
  /** relay forwards and answers; stored encrypts each frame, appends it to one file, flushes for all together, then answers. */
  kind: z.enum(['relay', 'stored']),
  file: z.string(),
  flushDelayMs: z.number().min(0),
})
export type RelayOrder = z.infer<typeof relayOrder>

/** Result of a load process, written as its last line. */
export const loadResult = z.object({
  load: z.literal('measured'),
  /** Frames sent in the measured time, and the acknowledged ones of them. */
  sent: z.int(),
  acknowledged: z.int(),
  /** Time from sending a frame to reading its acknowledgement; see statistics.ts. */
  answer: z.array(z.tuple([z.number(), z.number()])),
  /** Delay of frames behind their schedule: large values show that the load itself was too slow. */
  late: z.array(z.tuple([z.number(), z.number()])),
  closed: z.int(),
})
export type LoadResult = z.infer<typeof loadResult>
