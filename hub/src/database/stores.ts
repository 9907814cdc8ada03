import { z } from 'zod'
import { boardCall, parseJson } from '@3cx-ninja/protocol'
import type { CallStore } from '../calls/calls.ts'
import type { HelpdeskStore } from '../helpdesk/helpdesk.ts'
import type { AdminSessionStore } from '../access/adminSessionStore.ts'
import { outboxState } from '../tickets/outbox/outboxMachine.ts'
import type { OutboxStore } from '../tickets/outbox/ports.ts'
import { write, type NewWrite } from '../tickets/outbox/rows.ts'
import type { DraftStore } from '../tickets/draftCache.ts'
import { draftRecord } from '../tickets/draftRecord.ts'
import { DECIDED_DRAFT_MS } from '../tickets/tuning.ts'
import type { Database } from './openDatabase.ts'

// The nouns' stores, over the commands of the database's thread. They know nothing of SQL: that lives in commands/.

/** A text that is no JSON (a damaged page) is undefined: the reader's schema refuses it, and only that row is set aside. */
const parse = parseJson

/** Returns the store of calls over the database. Its promises reject with a DatabaseError. */
export function createCallStore(database: Database): CallStore {
  return {
    async save(call, aliases) {
      expectReadable(boardCall, call, 'call')
      const { callId, agentId, extension, phase, startedAtMs, endedAtMs } = call
      const row = {
        callId,
        agentId: agentId ?? null,
        extension,
        phase,
        startedAtMs,
        endedAtMs: endedAtMs ?? null,
        callJson: JSON.stringify(call),
      }
      await database.run('calls.save', { row, aliases })
    },
    async since(fromMs) {
      const { rows, aliases } = await database.run('calls.since', { fromMs })
      return { calls: rows.map(({ callJson }) => parse(callJson)), aliases }
    },
    async stored(id) {
      const callJson = await database.run('calls.stored', { callId: id })
      return callJson === null ? undefined : parse(callJson)
    },
  }
}

/**
 * Returns the store of drafts and the writes they decide on, over the database. Its promises reject with a
 * DatabaseError.
 */
export function createDraftStore(database: Database, nowMs: () => number): DraftStore {
  return {
    async save(record, writes) {
      expectReadable(draftRecord, record, 'draft')
      const { draftId, callId } = record.draft
      const row = {
        draftId,
        callId,
        agentId: record.agentId,
        at: record.lifecycle.state.at,
        updatedAtMs: nowMs(),
        draftJson: JSON.stringify(record),
      }
      await database.run('tickets.saveDraft', { row, writes: writes.map(asRow) })
    },
    async open() {
      const rows = await database.run('tickets.openDrafts', { sinceMs: nowMs() - DECIDED_DRAFT_MS })
      return rows.map(({ draftJson }) => parse(draftJson))
    },
    async ofCall(callId) {
      const draftJson = await database.run('tickets.draftOfCall', { callId })
      return draftJson === null ? undefined : parse(draftJson)
    },
  }
}

/** Returns the store of the outbox over the database. Its promises reject with a DatabaseError. */
export function createOutboxStore(database: Database): OutboxStore {
  return {
    async open(afterRowId) {
      const rows = await database.run('outbox.open', { afterRowId })
      return rows.map(({ rowId, draftId, callId, rowJson }) => ({
        rowId,
        draftId,
        callId,
        ...(parse(rowJson) as object | undefined),
      }))
    },
    async save({ rowId, write: body, state }) {
      await database.run('outbox.save', {
        rowId,
        at: state.at,
        dueAtMs: 'dueAtMs' in state ? state.dueAtMs : 0,
        rowJson: JSON.stringify({ write: body, state }),
      })
    },
    async ticketOf(draftId) {
      const rows = await database.run('outbox.ofDraft', { draftId })
      const ticket = rows.find(({ kind }) => kind === 'ticket')
      const row = ticket && stateOfRow.safeParse(parse(ticket.rowJson)).data
      return (row && 'ticketId' in row.state ? row.state.ticketId : undefined) ?? undefined
    },
  }
}

/** Returns the store of one helpdesk's values, under its own names. Its promises reject with a DatabaseError. */
export function createHelpdeskStore(database: Database, kind: string, nowMs: () => number): HelpdeskStore {
  const noteOf = (name: string) => `${kind}.${name}`
  return {
    read: async (name) => (await database.run('notes.read', { name: noteOf(name) }))?.value,
    save: (name, value) =>
      value === undefined
        ? database.run('notes.remove', { name: noteOf(name) })
        : database.run('notes.save', { name: noteOf(name), value, savedAtMs: nowMs() }),
  }
}

/** Returns the store of admin sessions, one note of the database. Its promises reject with a DatabaseError. */
export function createAdminSessionStore(database: Database, nowMs: () => number): AdminSessionStore {
  const name = 'admin.sessions'
  return {
    async read() {
      const note = await database.run('notes.read', { name })
      return note ? parse(note.value) : undefined
    },
    save: (kept) => database.run('notes.save', { name, value: JSON.stringify(kept), savedAtMs: nowMs() }),
  }
}

/** Throws for a value that its own reader would refuse: what is stored must be readable after a restart. Rule L12. */
function expectReadable(schema: z.ZodType, value: unknown, what: string): void {
  const parsed = schema.safeParse(value)
  if (parsed.success) return
  const faults = parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`)
  throw new Error(`a ${what} that cannot be read back is not stored (${faults.join(', ').slice(0, 400)})`)
}

/** A row whose state cannot be read has no ticket yet: the outbox names such a row when it loads it. */
const stateOfRow = z.object({ state: outboxState })

function asRow({ draftId, callId, kind, write: body, state }: NewWrite) {
  const dueAtMs = 'dueAtMs' in state ? state.dueAtMs : 0
  return {
    draftId,
    callId,
    kind,
    at: state.at,
    dueAtMs,
    rowJson: JSON.stringify({ write: write.parse(body), state }),
  }
}
