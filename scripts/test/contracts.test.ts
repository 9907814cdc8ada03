import { expect, it } from 'vitest'
import { findGaps } from '../contracts/findGaps.ts'
import { needsContracts } from '../contracts/scope.ts'

const gapsOf = (text: string, file = 'hub/src/http/example.ts') =>
  findGaps(file, text).gaps.map(({ line, symbol, reason }) => `${String(line)} ${symbol} ${reason.split(' ').slice(0, 2).join(' ')}`) // prettier-ignore

const CONTRACT = '/** Resolves once the report is durable; never rejects, a full disk is retried. */'
const SHORT = '/** Resolves once durable. */'
const NO_EFFECT = '/** The report as the hub has it at this moment of the call. */'

it('finds an exported function without a contract comment, with a short one, and with one without a verb of effect', () => {
  expect(gapsOf('export function send(): void {}')).toEqual(['1 send has no'])
  expect(gapsOf(`${SHORT}\nexport function send(): void {}`)).toEqual(['2 send has a'])
  expect(gapsOf(`${NO_EFFECT}\nexport const send = (): void => {}`)).toEqual(['2 send says no'])
  expect(gapsOf('// Resolves once the report is durable; never rejects at all.\nexport function send() {}')).toEqual(['2 send has no']) // prettier-ignore
})

it('finds nothing in a file whose exported symbols have their contracts', () => {
  const text = `import { z } from 'zod'
${CONTRACT}
export function send(): void {}
${NO_EFFECT}
export const report = z.object({ kind: z.literal('report') })
export type Report = z.infer<typeof report>
${NO_EFFECT}
export interface Link { readonly at: string }
${CONTRACT}
function store(): void {}
export { store }
function inner(): void {}
`
  expect(findGaps('hub/src/http/example.ts', text)).toEqual({ symbols: 4, gaps: [] })
})

it('counts schemas, types, classes and enums without asking them for an effect', () => {
  expect(gapsOf('export const a = z.object({})\nexport type B = string\nexport class C {}')).toHaveLength(3)
  expect(gapsOf(`${NO_EFFECT}\nexport const a = z.object({})\n${NO_EFFECT}\nexport type B = string`)).toEqual(
    [],
  )
})

it('counts the functions of an interface in a ports file, there only', () => {
  const text = `${NO_EFFECT}
export interface Store {
  readonly size: number
  save(): void
  ${CONTRACT}
  readonly load: () => void
  readonly drop: () => void
}`
  expect(gapsOf(text, 'hub/src/tickets/ports.ts')).toEqual(['4 Store.save has no', '7 Store.drop has no'])
  expect(gapsOf(text, 'worker/src/engines/enginePort.ts')).toHaveLength(2)
  expect(gapsOf(text)).toEqual([])
})

it('takes the comment of an overloaded function from any of its declarations', () => {
  expect(findGaps('a.ts', `${CONTRACT}\nexport function f(a: string): void\nexport function f(): void {}`)).toEqual({ symbols: 1, gaps: [] }) // prettier-ignore
})

it('counts edges and ports of the product, no tests and no builders', () => {
  expect(['hub/src/http/a.ts', 'agent/src/main/desk/ports.ts', 'protocol/src/lease.ts'].every(needsContracts)).toBe(true) // prettier-ignore
  expect(['hub/src/calls/a.ts', 'hub/src/http/test/a.ts', 'hub/test/http/a.ts', 'hub/testing/ports.ts'].some(needsContracts)).toBe(false) // prettier-ignore
})
