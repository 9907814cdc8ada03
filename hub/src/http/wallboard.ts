import { Hono } from 'hono'
import type { HubEnv, Routes } from './app.ts'
import { readPageFile } from './pageFiles.ts'

/**
 * Returns the routes of `/tv`, the wallboard's page: open to everybody, and it holds no secret. What its address says after
 * the question mark is for the page itself.
 */
export function wallboardRoutes({ folder }: { folder: string }): Routes {
  const app = new Hono<HubEnv>()
  app.get('/tv', (c) => {
    const query = new URL(c.req.url).search
    return c.redirect(`/tv/${query}`)
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
