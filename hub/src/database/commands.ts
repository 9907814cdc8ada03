import type { Kysely } from 'kysely'
import { accessCommands } from './commands/access.ts'
import { callCommands } from './commands/calls.ts'
import { erasureCommands } from './commands/erasures.ts'
import { noteCommands } from './commands/notes.ts'
import { openRowCommands } from './commands/openRows.ts'
import { retentionCommands } from './commands/retention.ts'
import { ticketCommands } from './commands/tickets.ts'
import { transcriptCommands } from './commands/transcripts.ts'
import type { Tables } from './tables.ts'

/** Every command of the database's thread; each runs as one closed transaction. */
export const commands = {
  ...accessCommands,
  ...callCommands,
  ...erasureCommands,
  ...noteCommands,
  ...openRowCommands,
  ...retentionCommands,
  ...ticketCommands,
  ...transcriptCommands,
}

/** The name of one command of the database's thread, as `noun.verb`. */
export type CommandName = keyof typeof commands
type Command<Input, Output> = (db: Kysely<Tables>, input: Input) => Promise<Output>
/** What the command of this name gets, copied into the thread. */
export type CommandInput<Name extends CommandName> =
  (typeof commands)[Name] extends Command<infer Input, unknown> ? Input : never
/** What the command of this name resolves with, copied out of the thread. */
export type CommandOutput<Name extends CommandName> = Awaited<ReturnType<(typeof commands)[Name]>>
