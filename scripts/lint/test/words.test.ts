import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Linter } from 'eslint'
import tseslint from 'typescript-eslint'
import { expect, it } from 'vitest'
import { houseRules } from '../houseRules.ts'
import { root } from '../targets.ts'
import { CONTRIBUTING, withGlossary } from '../writeGlossary.ts'

/** The names that the rules refuse in a file, or the rule's name where it is another rule's finding. */
function refused(code: string, file = 'hub/src/calls/example.tsx'): string[] {
  const linter = new Linter({ cwd: root })
  const parser = {
    files: ['**/*'],
    languageOptions: { parser: tseslint.parser as Linter.Parser },
    linterOptions: { noInlineConfig: true },
  }
  return linter
    .verify(code, [parser, ...houseRules()], path.join(root, file))
    .map(({ message, ruleId }) => (ruleId === 'house/words' ? (/in the [^']+'([^']+)'/.exec(message)?.[1] ?? '') : (ruleId ?? message))) // prettier-ignore
}

it.each([
  ['a variable', 'const «toldAgents» = 1'],
  ['a function', 'function «tellAgent»() {}'],
  ['a parameter', 'const f = («around»: number) => around'],
  ['a parameter with a default', 'function f(«wish» = 1) { return wish }'],
  ['a renamed member', 'const { a: «heard» } = b'],
  ['an array element', 'const [«anew»] = b'],
  ['a rest parameter', 'const f = (...wishes: string[]) => «wishes»'],
  ['a type', 'type «DraftWish» = string'],
  ['an interface', 'interface «Newcomer» { id: string }'],
  ['a type member', 'type T = { readonly «toldAtMs»: number }'],
  ['a method signature', 'interface T { «tell»(): void }'],
  ['a parameter of a function type', 'type T = («trouble»: string) => void'],
  ['a class member', 'class T { #«rivals» = 1 }'],
  ['a key of a schema', 'const s = z.object({ «seats»: z.number() })'],
  ['a quoted key', "const s = { '«mover»': 1 }"],
  ['an enum member', 'enum E { «Unfit» }'],
  ['a label', '«shelf»: for (;;) break shelf'],
  ['a renamed import', "import { a as «hearing» } from 'b'"],
  ['a kind in a schema', "const s = z.object({ kind: z.literal('«wish»') })"],
  ['an enumerated kind', "const s = z.enum(['ok', '«doubted»'])"],
  ['a kind in a union', "type T = 'ok' | '«told»'"],
  ['a kind that is sent', "send({ kind: '«newcomer»' })"],
  ['a log event', "log.info({ leaseId }, '«lease.told»')"],
  ['a metric', "new Counter({ name: '«hub_wishes_total»' })"],
  ['a setting of the environment', "const key = '«HUB_SEATS»'"],
  ['a table', "db.schema.createTable('«wish»')"],
  ['a column', "table.addColumn('«heardAtMs»', 'bigint')"],
  ['a column in SQL', 'sql`ALTER TABLE call ADD COLUMN «told_at» bigint`'],
  ['look alone', 'function «look»() {}'],
  ['a British spelling', 'const «enrolKey» = 1'],
])('refuses a banned word in %s', (_what, marked) => {
  const name = /«(.*)»/.exec(marked)?.[1]
  expect(refused(marked.replace(/[«»]/g, ''))).toEqual([name])
})

it.each([
  ['a member that is read', 'export const f = (node: Foreign) => node.tell(node.heard)'],
  ['a member taken by its own name', 'export const f = ({ wish }: Foreign) => wish'],
  ['an imported name', "import { tell } from 'foreign'"],
  ['a sentence', "export const s = 'Nobody was told of the wish'"],
  ['a text of the screen', "export const t = { title: 'trouble' }"],
  ['lookup and placeholder', 'export const lookup = { placeholder: 1, lookUpName: 2, replaces: 3 }'],
  ['held, session of the admin, a line of text', 'export const held = { adminHeld: 1, textLine: 2 }'],
])('accepts %s', (_what, code) => {
  expect(refused(code)).toEqual([])
})

it('refuses the place, cutter and guards of the worker, there only', () => {
  expect(
    refused('export const x = { freePlaces: 1, cutterOf: 2, guards: 3 }', 'worker/src/a.ts'),
  ).toHaveLength(3)
  expect(refused('export const x = { freePlaces: 1, cutterOf: 2, guards: 3 }', 'agent/src/a.ts')).toEqual([])
  expect(refused('export const place = 1', 'agent/src/a.ts')).toEqual(['place'])
})

it('refuses a banned word in the name of a file and of a folder', () => {
  expect(refused('', 'hub/src/shelf/draft-wish.ts')).toHaveLength(2)
})

it('refuses functions over 80 lines and files over 300, blank lines and comments counted; in tests it does not', () => {
  const long = `export function f() {\n${'\n'.repeat(40)}${'// why\n'.repeat(260)}}\n`
  expect(refused(long)).toEqual(['max-lines-per-function', 'max-lines'])
  expect(refused(long, 'hub/test/calls/example.test.ts')).toEqual([])
})

it('no comment switches a rule off', () => {
  const findings = refused('/* eslint-disable */\nexport const told = 1 // eslint-disable-line house/words')
  expect(findings).toContain('told')
  expect(findings.filter((finding) => finding.includes('noInlineConfig'))).toHaveLength(2)
})

it('CONTRIBUTING shows the glossary as it is', async () => {
  const text = await readFile(CONTRIBUTING, 'utf8')
  expect(await withGlossary(text)).toBe(text)
})
