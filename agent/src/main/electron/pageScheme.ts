import { protocol } from 'electron'
import { answerPage, type PageNeeds } from './pageRequest.ts'

/** `app://agent/…` is a secure origin like https: module scripts, worklets and media work there. Before the app is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
}

export function servePage(needs: PageNeeds): void {
  protocol.handle('app', (request) => answerPage(needs, request))
}
