import type { Generated } from 'kysely'

// The database as TypeScript sees it. Columns named …Json hold JSON that the reader parses with the noun's zod schema.

export interface MigrationTable {
  number: number
  name: string
  appliedAtMs: number
}

/** Secrets by which newcomers enroll; only their SHA-256. */
export interface EnrollmentTable {
  secretHash: string
  role: string | null
  createdAtMs: number
  expiresAtMs: number | null
  revokedAtMs: number | null
  /** null: any number of newcomers. */
  usesLeft: number | null
}

/** Agents, workers and wallboards that enrolled; of their token only its SHA-256. */
export interface MemberTable {
  id: string
  role: string
  name: string
  extension: string | null
  email: string | null
  machine: string
  tokenHash: string
  createdAtMs: number
  lastSeenMs: number
  revokedAtMs: number | null
}

/** Small values of the hub itself: password hash, rotated refresh token, contact cache. */
export interface NoteTable {
  name: string
  value: string
  savedAtMs: number
}

export interface CallTable {
  callId: string
  agentId: string | null
  extension: string
  phase: string
  startedAtMs: number
  endedAtMs: number | null
  callJson: string
}

export interface CallAliasTable {
  alias: string
  callId: string
}

export interface RecordingProgressTable {
  recordingId: string
  callId: string
  fence: number
  doneAtMs: number | null
  erasedAtMs: number | null
  /** When its newest words were stored; null: it has none. */
  textAtMs: Generated<number | null>
}

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

export interface DraftTable {
  draftId: string
  callId: string
  agentId: string | null
  at: string
  updatedAtMs: number
  draftJson: string
}

/** One write to NinjaOne. Rows of a draft are carried out in the order of their ids. */
export interface OutboxTable {
  rowId: Generated<number>
  draftId: string
  callId: string
  kind: string
  at: string
  dueAtMs: number
  rowJson: string
}

export interface Tables {
  migration: MigrationTable
  enrollment: EnrollmentTable
  member: MemberTable
  note: NoteTable
  call: CallTable
  callAlias: CallAliasTable
  recordingProgress: RecordingProgressTable
  utterance: UtteranceTable
  draft: DraftTable
  outbox: OutboxTable
}
