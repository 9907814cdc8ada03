import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Hono } from 'hono'
import type { HubEnv, Routes } from './app.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * `/admin`: the page, for whoever asks; it holds nothing that is secret. Its one-time code is not spent here but by the
 * page's own POST: link previews and prefetchers only ever ask with GET.
 */
export function adminPageRoutes(folder: string | undefined): Routes {
  const app = new Hono<HubEnv>()
  app.on('GET', ['/admin', '/admin/*'], async (c) => {
    const notBuilt = () =>
      c.json({ error: 'not-found', message: 'The admin page is not built: run npm run setup.' }, 404)
    if (folder === undefined) return notBuilt()
    const asked = decodePath(c.req.path.slice('/admin/'.length)) || 'index.html'
    const file = path.resolve(folder, asked)
    if (!file.startsWith(`${path.resolve(folder)}${path.sep}`)) return c.notFound()
    const isHashed = asked.startsWith('assets/')
    try {
      return c.body(new Uint8Array(await readFile(file)), 200, {
        'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
        // the page's address may bear a one-time code: no cache keeps it
        'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-store',
      })
    } catch {
      return asked === 'index.html' ? notBuilt() : c.notFound()
    }
  })
  return app
}

/** '' for what is no path at all ('%zz'). */
function decodePath(text: string): string {
  try {
    return decodeURIComponent(text).replaceAll('\0', '')
  } catch {
    return ''
  }
}
