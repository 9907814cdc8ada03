import { z } from 'zod'
import { callId, recordingId } from './ids.ts'
import { partHeader, position } from './recording.ts'

// `GET /api/agent/recordings/:recordingId` and `…/parts/:part/records`: sound that only the hub still has. Rules H1 to H6.

/** Parts that one recording may have here: an agent that crashes a hundred times in a call has another problem. */
const MAX_PARTS = 1_000

/** What the hub holds of a recording, as it stands at this moment. */
export const storedRecording = z.object({
  recordingId,
  callId,
  parts: z
    .array(
      z.object({
        header: partHeader,
        /** Records that can be asked for. */
        position,
        /** Length of the part on its own clock. */
        samples: z.int().min(0),
      }),
    )
    .max(MAX_PARTS),
})
export type StoredRecording = z.infer<typeof storedRecording>

/** Why the hub does not give the sound: `error` of the answer's body. */
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

/** Records that one answer holds at most: five minutes of both channels. */
export const MAX_RECORDS_PER_ANSWER = 6_000
