import type { HelpdeskAnswer } from '../../../src/http/admin/messages.ts'
import type { Page } from '../shell/page.ts'
import { ninjaoneGuide } from './ninjaone/guide.ts'

/** What an administrator does in the helpdesk itself, by `helpdesk.kind`; without a guide the section shows none. */
export const GUIDES: Readonly<Record<string, (page: Page, answer: HelpdeskAnswer) => HTMLElement>> = {
  ninjaone: ninjaoneGuide,
}
