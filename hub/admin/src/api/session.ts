import { sessionAnswer, type SessionAnswer } from '../../../src/http/admin/messages.ts'
import type { Api, Outcome } from './api.ts'

/**
 * Begins a session with the code of a one-time link, else goes on with the cookie's. The code is spent only where a
 * person sees the page: a browser that loads it ahead waits.
 */
export async function beginSession(api: Api, code: string | undefined): Promise<Outcome<SessionAnswer>> {
  if (code === undefined) return api.get('/api/admin/session', sessionAnswer)
  await shown(document)
  const begun = await api.send('POST', '/api/admin/sessions', sessionAnswer, { once: code })
  if (begun.ok) return begun
  // The link was opened twice in one browser: its session is still there.
  const kept = await api.get('/api/admin/session', sessionAnswer)
  return kept.ok ? kept : begun
}

/** Prerendering (Chromium) runs scripts of pages that nobody may ever see. */
function shown(page: Document & { readonly prerendering?: boolean }): Promise<void> {
  if (page.prerendering !== true) return Promise.resolve()
  return new Promise((resolve) =>
    page.addEventListener('prerenderingchange', () => resolve(), { once: true }),
  )
}
