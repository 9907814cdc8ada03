import type { HelpdeskAnswer } from '../../../src/http/admin/messages.ts'
import type { Page } from '../shell/page.ts'
import { ninjaoneGuide } from './ninjaone/guide.ts'

/** The steps inside the helpdesk itself, by `helpdesk.kind`; the section of a kind without a guide shows none. */
export const GUIDES: Readonly<Record<string, (page: Page, answer: HelpdeskAnswer) => HTMLElement>> = {
  ninjaone: ninjaoneGuide,
}
