import type { SoundPageMessage, SoundPageRequest } from '../../../ipc/soundMessages.ts'

/** One feed's share of the hidden page; the page closes with its last share. */
export interface PageConnection {
  /** Sends a request to the page; a page that is not loaded drops it. */
  post(request: SoundPageRequest): void
  /** Ends the share; the last one closes the page. Resolves once the page is closed, if it was to be. */
  end(): Promise<void>
}

/** The callbacks of one share of the hidden page, also over a reload of the page. */
export interface PageListener {
  /** The page is loaded, or loaded again, and accepts requests. Never called before `connect` has returned. */
  ready(): void
  /** A message of the page; each listener receives all of them. */
  message(message: SoundPageMessage): void
  /** The page crashed or could not be loaded; `ready` follows once it is loaded again. */
  gone(cause: string): void
}
