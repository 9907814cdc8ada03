import { z } from 'zod'
import type { Rejected, SearchOutcome, WriteOutcome } from '../helpdesk/outcomes.ts'
import type { Client } from './client.ts'
import { searchOutcomeOf, valueOf, writeOutcomeOf } from './outcomes.ts'

// Settings name statuses and boards; NinjaOne's requests want their ids. Each id is asked for once, until the hub stops.

/** Names and ids of the settings that a request to NinjaOne needs. */
export interface TicketMapping {
  readonly ticketFormId: number
  readonly statusName: string
  readonly boardName: string
  readonly host: string
  /** Organization for callers that NinjaOne does not know. */
  readonly organizationId?: number | undefined
}

const statuses = z.array(z.object({ name: z.string(), statusId: z.int() }).loose())
const boards = z.array(z.object({ id: z.int(), name: z.string() }).loose())
/** The one status whose id is the same on every instance seen. */
const NEW = { name: 'NEW', statusId: '1000' }

/** A value that was found, or the outcome of the request that wanted it. */
export type Found<Value, Outcome> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly outcome: Outcome }

/** Ids behind the names of the settings. No method rejects. */
export interface MappedIds {
  /** Resolves with the id of the status of new tickets, or with the outcome of the write that wanted it (never `unknown`). */
  status(): Promise<Found<string, Exclude<WriteOutcome, { kind: 'unknown' }>>>
  /** Resolves with the id of the board that is searched, or with the outcome of the search that wanted it. */
  board(): Promise<Found<number, SearchOutcome>>
}

/** Returns the outcome of a setting that names something NinjaOne does not have. */
export const missing = (detail: string): Rejected => ({ kind: 'rejected', reason: 'mapping', detail })
/** Returns whether two names of NinjaOne are the same, whatever their case and outer blanks. */
export const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** Returns the ids behind the names of the settings. Never rejects; an id that was found is remembered. */
export function createMappedIds(client: Client, mapping: TicketMapping): MappedIds {
  let statusId: string | undefined
  let boardId: number | undefined
  return {
    async status() {
      if (statusId !== undefined) return { ok: true, value: statusId }
      if (sameName(mapping.statusName, NEW.name)) return { ok: true, value: NEW.statusId }
      const answer = await client.request({ method: 'GET', url: '/v2/ticketing/statuses' })
      const list = valueOf(answer, statuses)
      if (!list) return { ok: false, outcome: withoutUnknown(writeOutcomeOf(answer)) }
      const found = list.find(({ name }) => sameName(name, mapping.statusName))
      if (!found) return { ok: false, outcome: missing(`NinjaOne has no status '${mapping.statusName}': set ninjaone.statusName to one of ${namesOf(list)}.`) } // prettier-ignore
      return { ok: true, value: (statusId = String(found.statusId)) }
    },
    async board() {
      if (boardId !== undefined) return { ok: true, value: boardId }
      const answer = await client.request({ method: 'GET', url: '/v2/ticketing/trigger/boards' })
      const list = valueOf(answer, boards)
      if (!list) return { ok: false, outcome: searchOutcomeOf(answer) }
      const found = list.find(({ name }) => sameName(name, mapping.boardName))
      if (!found) return { ok: false, outcome: missing(`NinjaOne has no board '${mapping.boardName}': set ninjaone.boardName to one that shows all tickets, of ${namesOf(list)}.`) } // prettier-ignore
      return { ok: true, value: (boardId = found.id) }
    },
  }
}

/** Only the list was asked for: the write itself certainly never left. */
function withoutUnknown(outcome: WriteOutcome): Exclude<WriteOutcome, { kind: 'unknown' }> {
  return outcome.kind === 'unknown' ? { ...outcome, kind: 'unreachable' } : outcome
}

const namesOf = (all: readonly { name: string }[]) => all.slice(0, 12).map(({ name }) => name).join(', ') // prettier-ignore
