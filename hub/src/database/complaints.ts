import { errorCode } from '@3cx-ninja/recording-log/fileSystem.ts'
import type SQLite from 'better-sqlite3'

/** A damaged file gives thousands of lines; the first ones name the damage. */
const SHOWN = 5

/**
 * Returns what SQLite's own check complains of, or undefined for a sound file. `quick_check` omits the comparison of indexes
 * with their tables, and takes a third of the time. Throws when the file cannot be read, or is no database.
 */
export function complaintsOf(
  sqlite: SQLite.Database,
  check: 'quick_check' | 'integrity_check',
): string | undefined {
  let rows: Record<string, string>[]
  try {
    rows = sqlite.pragma(`${check}(${SHOWN})`) as Record<string, string>[] // SQLite answers one column of text
  } catch (error) {
    // Some damage ends the check itself.
    if (errorCode(error).startsWith('SQLITE_CORRUPT')) return String(error)
    throw error
  }
  const lines = rows.map((row) => Object.values(row)[0] ?? '')
  return lines.length === 1 && lines[0] === 'ok' ? undefined : lines.join('; ')
}
