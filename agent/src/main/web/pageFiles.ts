import { readFile } from 'node:fs/promises'
import path from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

export interface PageFile {
  readonly type: string
  readonly content: Buffer<ArrayBuffer>
}

/** Resolves with a file of a built page by the requested path; undefined when it is missing or lies outside of `folder`. */
export async function readPageFile(folder: string, pathname: string): Promise<PageFile | undefined> {
  const asked = pathname === '/' ? 'index.html' : decode(pathname.slice(1))
  if (asked === undefined) return undefined
  const root = path.resolve(folder)
  const file = path.resolve(root, asked)
  if (!file.startsWith(`${root}${path.sep}`)) return undefined
  const content = await readFile(file).catch(() => undefined)
  return content && { content, type: TYPES[path.extname(file)] ?? 'application/octet-stream' }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Returns the headers that restrict a page of ours: nothing from elsewhere, nothing inline, and no frame around it. */
export function safetyHeaders(connectTo: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "media-src 'self'",
      `connect-src ${connectTo}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
}
