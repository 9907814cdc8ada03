import { Hono } from 'hono'
import type { HubEnv, Routes } from '../app.ts'
import { readPageFile } from '../pageFiles.ts'

/**
 * Returns the route `/admin`: the page, which is open to everybody and holds no secret. Its one-time code is not
 * consumed here but by the page's own POST: link previews and prefetchers only ever send GET.
 */
export function pageRoutes(folder: string | undefined): Routes {
  const app = new Hono<HubEnv>()
  app.on('GET', ['/admin', '/admin/*'], async (c) => {
    const asked = c.req.path.slice('/admin/'.length)
    const file = folder === undefined ? ({ at: 'not-built' } as const) : await readPageFile(folder, asked)
    switch (file.at) {
      case 'found':
        return c.body(file.content, 200, {
          'content-type': file.type,
          // the page's address may bear a one-time code: no cache keeps it
          'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-store',
        })
      case 'not-built':
        return c.json({ error: 'not-found', message: 'The admin page is not built: run npm run setup.' }, 404)
      case 'not-found':
        return c.notFound()
    }
  })
  return app
}
