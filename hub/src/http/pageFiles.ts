import { readFile } from 'node:fs/promises'
import path from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
}

/** A file of a built page, or why there is none. */
export type PageFile =
  | {
      readonly at: 'found'
      readonly content: Uint8Array<ArrayBuffer>
      readonly type: string
      readonly isHashed: boolean
    }
  /** The page itself is not there: it was never built. */
  | { readonly at: 'not-built' }
  | { readonly at: 'not-found' }

/**
 * Resolves with one file of a built page; '' is the page itself. `asked` comes from anybody: a path outside of the
 * folder is `not-found`. Never rejects.
 */
export async function readPageFile(folder: string, asked: string): Promise<PageFile> {
  const name = decodePath(asked) || 'index.html'
  const file = path.resolve(folder, name)
  if (!file.startsWith(`${path.resolve(folder)}${path.sep}`)) return { at: 'not-found' }
  try {
    return {
      at: 'found',
      content: new Uint8Array(await readFile(file)),
      type: TYPES[path.extname(file)] ?? 'application/octet-stream',
      isHashed: name.startsWith('assets/'),
    }
  } catch {
    return { at: name === 'index.html' ? 'not-built' : 'not-found' }
  }
}

/** '' for what is no path at all ('%zz'). */
function decodePath(text: string): string {
  try {
    return decodeURIComponent(text).replaceAll('\0', '')
  } catch {
    return ''
  }
}
