import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { WALL_COOKIE } from '../sockets/wallSocket.ts'
import type { HubEnv, Routes } from './app.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
}
const YEAR_S = 31_536_000

/** `/tv`: the wall's page. `/tv?token=…` keeps the token in a cookie that no script can read, and shows the page without it. */
export function wallRoutes({ folder, secure }: { folder: string; secure: boolean }): Routes {
  const app = new Hono<HubEnv>()
  app.get('/tv', (c) => {
    const { token, ...rest } = c.req.query()
    const query = new URLSearchParams(rest).toString()
    if (token)
      setCookie(c, WALL_COOKIE, token, {
        httpOnly: true,
        sameSite: 'Strict',
        secure,
        path: '/',
        maxAge: YEAR_S,
      })
    return c.redirect(`/tv/${query ? `?${query}` : ''}`)
  })
  app.get('/tv/*', async (c) => {
    const asked = decodeURIComponent(c.req.path.slice('/tv/'.length)) || 'index.html'
    const file = path.resolve(folder, asked)
    if (!file.startsWith(`${path.resolve(folder)}${path.sep}`)) return c.notFound()
    try {
      const hashed = asked.startsWith('assets/')
      return c.body(new Uint8Array(await readFile(file)), 200, {
        'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
        'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      })
    } catch {
      return c.json({ error: 'not-found', message: 'The wall is not built: run npm run build:tv.' }, 404)
    }
  })
  return app
}
