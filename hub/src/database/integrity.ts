import { Worker } from 'node:worker_threads'

/** What SQLite found in the whole file: nothing, or its first complaints. */
export type Integrity = { readonly ok: true } | { readonly ok: false; readonly detail: string }

/**
 * Checks the whole database (`integrity_check`) in a thread and with a connection of its own, so that neither commands nor
 * the event loop wait: it reads every page, about a second for each gigabyte in the system's cache. Resolves with what was
 * found; rejects when the file cannot be opened, or when the signal ends the check.
 */
export function checkIntegrity(file: string, signal: AbortSignal): Promise<Integrity> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const thread = new Worker(new URL('./integrityThread.ts', import.meta.url), { workerData: { file } })
    const stop = () => void thread.terminate()
    signal.addEventListener('abort', stop, { once: true })
    thread.once('message', (integrity: Integrity) => resolve(integrity))
    thread.once('error', reject)
    thread.once('exit', () => {
      signal.removeEventListener('abort', stop)
      reject(new Error('the check of the database was ended')) // after a message this changes nothing
    })
  })
}
