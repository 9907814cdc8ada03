import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import type { Adapter } from 'lowdb'
import { errorCode, nodeFileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { z } from 'zod'
import { SettingsError } from './settingsError.ts'

/**
 * Returns lowdb's adapter for the settings file. lowdb's own adapter writes with the default mode and without a flush;
 * this file holds secrets, so it is written to a new file with mode 0600, flushed, and renamed over the old one.
 */
export function settingsFile(file: string): Adapter<Record<string, unknown>> {
  return {
    async read() {
      let text: string
      try {
        text = await readFile(file, 'utf8')
      } catch (cause) {
        if (errorCode(cause) === 'ENOENT') return {}
        throw new SettingsError(
          `${file} cannot be read (${errorCode(cause)}): give this user the right to read it, or name another file with --settings.`,
          { cause },
        )
      }
      try {
        return z.record(z.string(), z.unknown()).parse(JSON.parse(text.replace(/^\uFEFF/, '')))
      } catch (cause) {
        const where = cause instanceof SyntaxError ? ` (${placeOf(cause)})` : ''
        throw new SettingsError(
          `${file} is not a JSON object${where}: correct it, or delete it to start from the defaults.`,
          { cause },
        )
      }
    },
    async write(settings) {
      const beside = `${file}.new`
      const handle = await open(beside, 'w', 0o600)
      try {
        await handle.writeFile(`${JSON.stringify(settings, null, 2)}\n`)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(beside, file)
      await nodeFileSystem.syncFolder(path.dirname(file))
    },
  }
}

/** Position at which the text stops being JSON. JSON.parse quotes the text there, which may be a secret: only the position is shown. */
function placeOf({ message }: SyntaxError): string {
  return (
    /line \d+ column \d+/.exec(message)?.[0] ?? 'it ends too early, or a comma or quotation mark is wrong'
  )
}
