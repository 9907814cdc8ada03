import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { WALLBOARD_COOKIE } from '../sockets/wallboardSocket.ts'
import type { HubEnv, Routes } from './app.ts'
import { readPageFile } from './pageFiles.ts'

const YEAR_S = 31_536_000

/**
 * Returns the routes of `/tv`, the wallboard's page. `/tv?token=…` sets the token as a cookie that no script can
 * read, and redirects to the page without it.
 */
export function wallboardRoutes({ folder, secure }: { folder: string; secure: boolean }): Routes {
  const app = new Hono<HubEnv>()
  app.get('/tv', (c) => {
    const { token, ...rest } = c.req.query()
    const query = new URLSearchParams(rest).toString()
    if (token)
      setCookie(c, WALLBOARD_COOKIE, token, {
        httpOnly: true,
        sameSite: 'Strict',
        secure,
        path: '/',
        maxAge: YEAR_S,
      })
    return c.redirect(`/tv/${query ? `?${query}` : ''}`)
  })
  app.get('/tv/*', async (c) => {
    const file = await readPageFile(folder, c.req.path.slice('/tv/'.length))
    switch (file.at) {
      case 'found':
        return c.body(file.content, 200, {
          'content-type': file.type,
          'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        })
      case 'not-built':
        return c.json(
          { error: 'not-found', message: 'The wallboard is not built: run npm run build:tv.' },
          404,
        )
      case 'not-found':
        return c.notFound()
    }
  })
  return app
}
