import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
let source: Promise<string> | undefined

/**
 * Resolves with axe-core's findings on this page (WCAG 2.2 AA and its best practices), one line each. axe-core is injected
 * past the page's content policy.
 */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(await (source ??= readFile(AXE, 'utf8')))
  return page.evaluate(async () => {
    interface Found {
      readonly violations: readonly {
        readonly id: string
        readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
      }[]
    }
    const { axe } = globalThis as unknown as {
      axe: { run(context: Document, options: object): Promise<Found> }
    }
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    )
  })
}
