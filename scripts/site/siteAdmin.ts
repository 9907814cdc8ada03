import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { ask, type Answer } from './ask.ts'
import type { AdminSession, Enrollment, SiteState } from './siteState.ts'

// The site's administrator, over the same routes as the admin page. It knows nothing of the parts' processes.

/** Resolves with the PEM of the hub's certificate authority; rejects before the hub's first start. */
export const readCa = (site: SiteState): Promise<string> =>
  readFile(path.join(site.secrets, 'ca.pem'), 'utf8')

/** Resolves with an enrollment key of the role; one key per role is issued and kept. */
export function enrollmentKey(site: SiteState, role: 'agent' | 'worker' | 'wallboard'): Promise<Enrollment> {
  const issued =
    site.enrollments.get(role) ??
    asAdmin(site, '/api/admin/enrollment-keys', { role }).then((answer) =>
      z.object({ key: z.string(), hub: z.string() }).parse(answer.json()),
    )
  site.enrollments.set(role, issued)
  return issued
}

/** Resolves with an address that opens the admin page once, for a person. */
export async function createAdminLink(site: SiteState): Promise<string> {
  const answer = await asAdmin(site, '/api/admin/links', {})
  return z.object({ link: z.string() }).parse(answer.json()).link
}

/** Signs NinjaOne in as an administrator would in the browser. Rejects with the page's text when the sign-in fails. */
export async function signInNinjaone(site: SiteState): Promise<void> {
  const toNinja = await asAdmin(site, '/api/admin/helpdesk/sign-in')
  const back = await ask(locationOf(toNinja.headers.location))
  const done = await asAdmin(site, locationOf(back.headers.location))
  if (done.status !== 200) throw new Error(`The sign-in to NinjaOne failed: ${done.text}`)
}

/** Resolves with an address that puts the wallboard onto one screen, once. */
export async function createWallboardLink(site: SiteState): Promise<string> {
  const answer = await asAdmin(site, '/api/admin/wallboard-links', { name: 'Wallboard' })
  return z.object({ link: z.string() }).parse(answer.json()).link
}

async function signIn(site: SiteState): Promise<AdminSession> {
  const once = new URL(site.adminLink).searchParams.get('once')
  const answer = await ask(`${site.hubUrl}/api/admin/sessions`, { ca: await readCa(site), body: { once } })
  const { csrf } = z.object({ csrf: z.string() }).parse(answer.json())
  return { cookie: cookieOf(answer.headers['set-cookie']), csrf }
}

async function asAdmin(site: SiteState, at: string, body?: unknown): Promise<Answer> {
  const { cookie, csrf } = await (site.session ??= signIn(site))
  const address = at.startsWith('https:') ? at : `${site.hubUrl}${at}`
  return ask(address, {
    ca: await readCa(site),
    headers: { cookie, 'x-csrf': csrf },
    ...(body ? { body } : {}),
  })
}

function cookieOf(header: string | string[] | undefined): string {
  const [cookie = ''] = (Array.isArray(header) ? header : [header ?? '']).map(
    (text) => text.split(';')[0] ?? '',
  )
  return cookie
}

function locationOf(header: string | string[] | undefined): string {
  if (typeof header !== 'string') throw new Error('The sign-in to NinjaOne was not redirected.')
  return header
}
