import type { Kysely } from 'kysely'
import { accessCommands } from './commands/access.ts'
import { callCommands } from './commands/calls.ts'
import { noteCommands } from './commands/notes.ts'
import { openRowCommands } from './commands/openRows.ts'
import { retentionCommands } from './commands/retention.ts'
import { ticketCommands } from './commands/tickets.ts'
import { transcriptCommands } from './commands/transcripts.ts'
import type { Tables } from './tables.ts'

/** Everything the database's thread can be asked; each is one closed transaction. */
export const commands = {
  ...accessCommands,
  ...callCommands,
  ...noteCommands,
  ...openRowCommands,
  ...retentionCommands,
  ...ticketCommands,
  ...transcriptCommands,
}

export type CommandName = keyof typeof commands
type Command<Input, Output> = (db: Kysely<Tables>, input: Input) => Promise<Output>
export type CommandInput<Name extends CommandName> =
  (typeof commands)[Name] extends Command<infer Input, unknown> ? Input : never
export type CommandOutput<Name extends CommandName> = Awaited<ReturnType<(typeof commands)[Name]>>
