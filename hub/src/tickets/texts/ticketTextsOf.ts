import { en } from './en.ts'
import { fr } from './fr.ts'
import type { TicketTexts } from './ticketTexts.ts'

/** Returns the phrases of the setting `language`: French for fr and auto (French first), English for every other language. */
export function ticketTextsOf(language: string): TicketTexts {
  return language === 'fr' || language === 'auto' ? fr : en
}
