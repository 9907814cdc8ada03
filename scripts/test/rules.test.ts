import { expect, it } from 'vitest'
import { citedRules, indexRules } from '../rules/indexRules.ts'

const PROTOCOL = `# PROTOCOL
## Words
- **link**: one WebSocket
## W: workers
- **[W1]** An offer, as [W2] says.
- **[W2]** A lease.
`

it('reads the rules that a text cites singly, in lists and in ranges', () => {
  expect(citedRules("it('[W3] [L4] ends a lease')")).toEqual(['W3', 'L4'])
  expect(citedRules('/** Rules W2 to W4, W8 and W9 of PROTOCOL. Rule H1: */')).toEqual(['W2', 'W3', 'W4', 'W8', 'W9', 'H1']) // prettier-ignore
  expect(citedRules('const a = list[0] // the rule of a house')).toEqual([])
})

it('lists each rule with the sources that implement it and the tests that prove it', () => {
  const files = [
    { path: 'hub/src/offer.ts', text: '/** Offers a slot. Rules W1 and W2. */' },
    { path: 'hub/test/offer.test.ts', text: "it('[W1] offers')" },
  ]
  const { page, unknown } = indexRules(PROTOCOL, files)
  expect(page).toContain(
    '## W: workers\n\n### W1\n\n- built in: `hub/src/offer.ts`\n- shown by: `hub/test/offer.test.ts`',
  )
  expect(page).toContain('### W2\n\n- built in: `hub/src/offer.ts`\n- shown by: cited nowhere')
  expect(page).not.toContain('Words')
  expect(unknown).toEqual([])
})

it('finds a citation of a rule that does not exist', () => {
  expect(indexRules(PROTOCOL, [{ path: 'hub/src/a.ts', text: '// Rule W7' }]).unknown).toEqual([
    'hub/src/a.ts: W7',
  ])
})
