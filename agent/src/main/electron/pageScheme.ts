import { protocol } from 'electron'
import { answerPage, type PageNeeds } from './pageRequest.ts'

/**
 * Registers `app://agent/…` as a secure origin like https, so that module scripts, worklets and media work there. Throws once
 * the app is ready.
 */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
}

/** Answers every request for `app://` from the built pages and the recordings. */
export function servePage(needs: PageNeeds): void {
  protocol.handle('app', (request) => answerPage(needs, request))
}
