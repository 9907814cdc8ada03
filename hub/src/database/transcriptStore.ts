import {
  MAX_PART_MS,
  lastFinal,
  parseJson,
  type Channel,
  type Clock,
  type LastFinal,
} from '@3cx-ninja/protocol'
import type { ProgressStore } from '../dispatch/ports.ts'
import type { TranscriptStore } from '../transcripts/ports.ts'
import type { Database } from './openDatabase.ts'

/** No final ends later in its part, as the protocol bounds it. */
const NEWEST_MS = 2 * MAX_PART_MS

/** Returns the stores of transcripts and of dispatch: finals, fences and progress. Each call rejects with a DatabaseError. */
export function createTranscriptStore(database: Database, clock: Clock): TranscriptStore & ProgressStore {
  return {
    addFinal(line, callId, fence) {
      const { utteranceId, recordingId, channel, part, fromMs, toMs } = line
      const utteranceJson = JSON.stringify(line)
      const row = { utteranceId, recordingId, callId, channel, part, fromMs, toMs, utteranceJson }
      return database.run('transcripts.addFinal', { row, fence, nowMs: clock.nowMs(), newestMs: NEWEST_MS })
    },
    maskFinal: (line) =>
      database.run('transcripts.maskFinal', {
        utteranceId: line.utteranceId,
        utteranceJson: JSON.stringify(line),
      }),
    async lastFinals(recordingId) {
      const rows = await database.run('transcripts.lastFinals', { recordingId, newestMs: NEWEST_MS })
      return { agent: lastOf(rows.agent), caller: lastOf(rows.caller) } satisfies Record<
        Channel,
        LastFinal | null
      >
    },
    ofCall: async (callId) => jsonOf(await database.run('transcripts.ofCall', { callId })),
    ofRecording: async (recordingId) =>
      jsonOf(await database.run('transcripts.ofRecording', { recordingId })),
    erase: (recordingId, callId) =>
      database.run('transcripts.erase', { recordingId, callId, nowMs: clock.nowMs() }),
    nextFence: (recordingId, callId) => database.run('transcripts.nextFence', { recordingId, callId }),
    markDone: (recordingId, fence) =>
      database.run('transcripts.done', { recordingId, fence, nowMs: clock.nowMs() }),
    all: () => database.run('transcripts.progress', {}),
  }
}

interface FinalRow {
  readonly part: number
  readonly toMs: number
  readonly utteranceJson: string
}

const lastText = lastFinal.pick({ text: true })

function lastOf(row: FinalRow | null): LastFinal | null {
  if (!row) return null
  // Its times count even where its text cannot be read: the next worker continues after them.
  const { text } = lastText.safeParse(parseJson(row.utteranceJson)).data ?? { text: '' }
  return { part: row.part, toMs: row.toMs, text }
}

function jsonOf(rows: readonly FinalRow[]): readonly unknown[] {
  return rows.map(({ utteranceJson }) => parseJson(utteranceJson)) // parsed by the reader's schema
}
