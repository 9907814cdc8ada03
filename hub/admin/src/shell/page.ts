import type { Clock } from '@3cx-ninja/protocol'
import type { Api } from '../api/api.ts'
import type { ToastAction } from '../draw/toast.ts'
import type { Texts } from '../texts/texts.ts'

export const SECTIONS = ['overview', 'keys', 'members', 'settings', 'helpdesk', 'threecx', 'outbox'] as const
export type SectionName = (typeof SECTIONS)[number]

/** What every section gets. */
export interface Page {
  readonly api: Api
  readonly texts: Texts
  readonly clock: Clock
  /** Shown for a few seconds and announced to screen readers, politely. */
  say(text: string, action?: ToastAction): void
  /** Asks now and every few seconds, one question after the other, while the section is shown. */
  watch(ask: () => Promise<void>): void
  /** Puts the focus on the section's heading: what had it is gone. */
  toTop(): void
  /** Ends when the section is left. */
  readonly signal: AbortSignal
  /** Asked before the section is left: what was typed and not saved would be lost. */
  keepUnless(isSaved: () => boolean): void
}

export type Section = (page: Page, at: string | undefined) => HTMLElement
