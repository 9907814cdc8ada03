import type { Generated } from 'kysely'

// The tables by their TypeScript types; knows nothing of commands and steps: those live in commands/ and migrations/. Columns named …Json hold JSON that the reader parses with the noun's zod schema.

/** A migration that ran: its number, name and wall-clock time. */
export interface MigrationTable {
  number: number
  name: string
  appliedAtMs: number
}

/** A secret by which clients enroll; only its SHA-256 is stored. */
export interface EnrollmentTable {
  secretHash: string
  role: string | null
  createdAtMs: number
  expiresAtMs: number | null
  revokedAtMs: number | null
  /** How many clients may still enroll by it; null: any number. */
  usesLeft: number | null
}

/** An agent, worker or wallboard that enrolled; of its token only the SHA-256 is stored. */
export interface ClientTable {
  id: string
  role: string
  name: string
  extension: string | null
  email: string | null
  machine: string
  tokenHash: string
  /** The client of this machine's earlier enrollment, proven by its token: what it owns is this one's too. */
  formerId: Generated<string | null>
  createdAtMs: number
  lastSeenMs: number
  revokedAtMs: number | null
}

/** A small value of the hub itself: admin sessions, rotated refresh token, contact cache, the last trusted time. */
export interface NoteTable {
  name: string
  value: string
  savedAtMs: number
}

/** One call, as its merged facts are now. */
export interface CallTable {
  callId: string
  agentId: string | null
  extension: string
  phase: string
  startedAtMs: number
  endedAtMs: number | null
  callJson: string
}

/** Another id that the call has or had: finals and recordings may carry it. */
export interface CallAliasTable {
  alias: string
  callId: string
}

/** How far the transcription of a recording is; the row outlives the audio. */
export interface RecordingProgressTable {
  recordingId: string
  callId: string
  fence: number
  doneAtMs: number | null
  erasedAtMs: number | null
  /** When the newest words of the recording were stored; null: it has none. */
  textAtMs: Generated<number | null>
}

/** One final utterance of a recording, as the worker sent it. */
export interface UtteranceTable {
  utteranceId: string
  recordingId: string
  callId: string
  channel: string
  part: number
  fromMs: number
  toMs: number
  utteranceJson: string
}

/** The draft of one call. `at` repeats the state inside the JSON, for the indices. */
export interface DraftTable {
  draftId: string
  callId: string
  agentId: string | null
  at: string
  updatedAtMs: number
  draftJson: string
}

/** One write to the helpdesk. The rows of a draft are carried out in the order of their ids. */
export interface OutboxTable {
  rowId: Generated<number>
  draftId: string
  callId: string
  kind: string
  at: string
  dueAtMs: number
  rowJson: string
}

/** Every table of the database by its name, for Kysely. */
export interface Tables {
  migration: MigrationTable
  enrollment: EnrollmentTable
  client: ClientTable
  note: NoteTable
  call: CallTable
  callAlias: CallAliasTable
  recordingProgress: RecordingProgressTable
  utterance: UtteranceTable
  draft: DraftTable
  outbox: OutboxTable
}
