import type { Clock } from '@3cx-ninja/protocol'
import type { Api } from '../api/api.ts'
import type { ToastAction } from '../draw/toast.ts'
import type { Texts } from '../texts/texts.ts'

export const SECTIONS = ['overview', 'keys', 'clients', 'settings', 'helpdesk', 'threecx', 'outbox'] as const
export type SectionName = (typeof SECTIONS)[number]

/** The services that every section receives. */
export interface Page {
  readonly api: Api
  readonly texts: Texts
  readonly clock: Clock
  /** Shows the text for a few seconds and announces it politely to screen readers. */
  say(text: string, action?: ToastAction): void
  /** Calls `ask` now and every few seconds, never twice at once, while the section is shown. */
  watch(ask: () => Promise<void>): void
  /** Moves the focus to the section's heading after the focused element was removed. */
  toTop(): void
  /** Aborts when the administrator leaves the section. */
  readonly signal: AbortSignal
  /** Calls `isSaved` before the administrator leaves the section, because unsaved input would be lost. */
  keepUnless(isSaved: () => boolean): void
}

export type Section = (page: Page, at: string | undefined) => HTMLElement
