import { z } from 'zod'
import { callId, recordingId } from './ids.ts'
import { partHeader, position } from './recording.ts'

// `GET /api/agent/recordings/:recordingId` and `…/parts/:part/records`: audio that only the hub still has. Rules H1 to H6.

/** Limit of parts in one answer: an agent that crashes a hundred times in a call has another problem. */
const MAX_PARTS = 1_000

/** The parts of a recording that the hub has at this moment. Rule H1. */
export const storedRecording = z.object({
  recordingId,
  callId,
  parts: z
    .array(
      z.object({
        header: partHeader,
        /** Number of records that can be requested. */
        position,
        /** Length of the part on its own clock. */
        samples: z.int().min(0),
      }),
    )
    .max(MAX_PARTS),
})
export type StoredRecording = z.infer<typeof storedRecording>

/** The reason for which the hub refuses playback: `error` of the answer's body. Rule H4. */
export const playbackRefusal = z.enum([
  'bad-token',
  'other-role',
  'too-many-attempts',
  'not-yours',
  'unknown-recording',
  'erased',
  'expired',
  'too-many',
  'broken-request',
])
export type PlaybackRefusal = z.infer<typeof playbackRefusal>

/** Maximum records per answer: five minutes of both channels. */
export const MAX_RECORDS_PER_ANSWER = 6_000
