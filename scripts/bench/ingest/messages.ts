import { z } from 'zod'

const seconds = z.number().positive()
const shared = {
  url: z.string(),
  caFile: z.string(),
  /** hub: the product's own protocol. relay: the same frames and answers, nothing else. */
  dialect: z.enum(['hub', 'relay']),
}

/** What a process of simulated agents is told, in a file named on its command line. */
export const loadOrder = z.object({
  ...shared,
  /** One for each agent. */
  tokens: z.array(z.string()),
  /** Distinguishes the processes, for ids and extensions. */
  first: z.int(),
  framesPerSecond: z.number().positive(),
  frameBytes: z.int(),
  warmUpSeconds: seconds,
  measureSeconds: seconds,
})
export type LoadOrder = z.infer<typeof loadOrder>

/** What the process that stands for the workers is told. */
export const receiverOrder = z.object({
  ...shared,
  /** One for each socket. */
  tokens: z.array(z.string()),
  /** Recordings that will be leased, or agents that will be relayed. */
  recordings: z.int(),
})
export type ReceiverOrder = z.infer<typeof receiverOrder>

export const relayOrder = z.object({
  /** Key and certificate in one file, as the hub keeps them. */
  leafFile: z.string(),
  /** relay: forwards and answers. stored: encrypts each frame, appends it to one file, flushes for all together, then answers. */
  kind: z.enum(['relay', 'stored']),
  file: z.string(),
  flushDelayMs: z.number().min(0),
})
export type RelayOrder = z.infer<typeof relayOrder>

/** Result of a load process, its last line. */
export const loadResult = z.object({
  load: z.literal('measured'),
  /** Frames sent in the measured time, and how many of them were acknowledged. */
  sent: z.int(),
  acknowledged: z.int(),
  /** Frame sent → acknowledgement read; see statistics.ts. */
  answer: z.array(z.tuple([z.number(), z.number()])),
  /** By how much frames left after their time: shows whether the load itself kept up. */
  late: z.array(z.tuple([z.number(), z.number()])),
  closed: z.int(),
})
export type LoadResult = z.infer<typeof loadResult>
