import { z } from 'zod'

/** How much one agent may take of the hub's disk, and what recordings leave free on it. */
export const quotaSettings = z.object({
  unsealedRecordings: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(2_000)
    .describe('Recordings of one agent whose end has not come; more are refused until some end'),
  openParts: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(4_000)
    .describe('Parts of those recordings: a call has one, and one more for each crash of its PC'),
  megabytesPerDay: z
    .int()
    .min(10)
    .max(10_000_000)
    .default(4_000)
    .describe(
      'Megabytes of sound that one agent may send in a day (UTC): a month of calls after a long absence; the rest follows the next day',
    ),
  erasuresPerDay: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2_000)
    .describe('Erasures that one agent may ask for in a day of recordings that the hub does not know'),
  reserveMegabytes: z
    .int()
    .min(0)
    .max(100_000_000)
    .optional()
    .describe(
      'Megabytes that recordings leave free on the disk for database, sign-in and drafts; without it 1 GiB or 2 % of the disk, whichever is more, and at most 20 %',
    ),
})
