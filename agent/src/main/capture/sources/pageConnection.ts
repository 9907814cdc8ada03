import type { SoundPageMessage, SoundPageWish } from '../../../ipc/soundMessages.ts'

/** One channel's part of the page. */
export interface PageLine {
  post(wish: SoundPageWish): void
  end(): Promise<void>
}

export interface PageLineListener {
  /** The page is there, or there again: wishes are taken. Never before `connect` has returned. */
  ready(): void
  message(message: SoundPageMessage): void
  gone(cause: string): void
}
