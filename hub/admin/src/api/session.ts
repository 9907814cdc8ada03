import { sessionAnswer, type SessionAnswer } from '../../../src/http/admin/messages.ts'
import type { Api, Outcome } from './api.ts'

/**
 * Opens a session with the code of a one-time link, or resumes the session of the cookie. Resolves with the session, or
 * with the hub's refusal; never rejects. The code is spent only on a visible page: a prerendered page waits.
 */
export async function beginSession(api: Api, code: string | undefined): Promise<Outcome<SessionAnswer>> {
  if (code === undefined) return api.get('/api/admin/session', sessionAnswer)
  await shown(document)
  const begun = await api.send('POST', '/api/admin/sessions', sessionAnswer, { once: code })
  if (begun.ok) return begun
  // The link was opened twice in one browser: the first session is still valid.
  const kept = await api.get('/api/admin/session', sessionAnswer)
  return kept.ok ? kept : begun
}

/** Resolves once the page is visible: Chromium's prerendering runs the scripts of pages that may never be shown. */
function shown(page: Document & { readonly prerendering?: boolean }): Promise<void> {
  if (page.prerendering !== true) return Promise.resolve()
  return new Promise((resolve) =>
    page.addEventListener('prerenderingchange', () => resolve(), { once: true }),
  )
}
