import type { SoundPageMessage, SoundPageRequest } from '../../../ipc/soundMessages.ts'

/** One channel's part of the page. */
export interface PageConnection {
  post(wish: SoundPageRequest): void
  end(): Promise<void>
}

export interface PageListener {
  /** The page is there, or there again: wishes are taken. Never before `connect` has returned. */
  ready(): void
  message(message: SoundPageMessage): void
  gone(cause: string): void
}
