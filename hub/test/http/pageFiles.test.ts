import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { pageRoutes } from '../../src/http/admin/page.ts'
import { wallboardRoutes } from '../../src/http/wallboard.ts'
import { readPageFile } from '../../src/http/pageFiles.ts'

async function aBuiltPage(): Promise<string> {
  const folder = path.join(await mkdtemp(path.join(tmpdir(), 'page-')), 'built')
  await mkdir(path.join(folder, 'assets'), { recursive: true })
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>')
  await writeFile(path.join(folder, 'assets', 'page-1a2b.js'), 'export {}')
  await writeFile(path.join(folder, '..', 'secret.txt'), 'not of the page')
  return folder
}
const pages = [
  { at: '/tv', routes: (folder: string) => wallboardRoutes({ folder }) },
  { at: '/admin', routes: (folder: string) => pageRoutes(folder) },
]

describe.each(pages)('page files at $at', ({ at, routes }) => {
  it('serves the page and the files built beside it', async () => {
    const app = routes(await aBuiltPage())
    const page = await app.request(`${at}/`)
    expect(page.headers.get('content-type')).toContain('text/html')
    const script = await app.request(`${at}/assets/page-1a2b.js`)
    expect(script.headers.get('cache-control')).toContain('immutable')
    expect(script.status).toBe(200)
  })

  it.each(['%2e%2e%2fsecret.txt', 'assets/..%2f..%2fsecret.txt', '%00', '%zz', '%c0%ae', 'assets'])(
    'serves nothing outside of the built page for the hostile address %s',
    async (asked) => {
      const answer = await routes(await aBuiltPage()).request(`${at}/${asked}`)
      expect(await answer.text()).not.toContain('not of the page')
      expect(answer.status).toBeLessThan(500)
    },
  )

  it('answers 404 with the remedy for a page that is not built', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'page-'))
    const answer = await routes(folder).request(`${at}/`)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('not built: run npm run')
  })
})

it('answers not-found for one file that is missing, and not-built for the page itself', async () => {
  const folder = await aBuiltPage()
  expect(await readPageFile(folder, 'assets/other.js')).toEqual({ at: 'not-found' })
  expect(await readPageFile(path.join(folder, 'elsewhere'), '')).toEqual({ at: 'not-built' })
})
