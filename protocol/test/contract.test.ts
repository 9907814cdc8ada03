import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ZodType } from 'zod'
import {
  agentToHub,
  decodeFrame,
  encodeFrame,
  hubToAgent,
  hubToWallboard,
  hubToWorker,
  linkMessage,
  parseMessage,
  workerToHub,
  type LogRecord,
} from '../src/index.ts'

interface Golden {
  readonly name: string
  readonly message: { readonly kind?: string }
  readonly outcome: 'message' | 'unknown' | 'broken'
}
interface GoldenFrame {
  readonly name: string
  readonly hex: string
  readonly outcome: string
  readonly stream?: number
  readonly records?: readonly (Omit<LogRecord, 'payload'> & { readonly payload: string })[]
}

const read = <Shape>(name: string) =>
  JSON.parse(readFileSync(new URL(`../contract/${name}.json`, import.meta.url), 'utf8')) as Shape
const kindsOf = (schema: { options: readonly { shape: { kind: { value: string } } }[] }) =>
  schema.options.map((option) => option.shape.kind.value)

const directions: readonly [string, ZodType & Parameters<typeof kindsOf>[0]][] = [
  ['linkMessages', linkMessage],
  ['agentToHub', agentToHub],
  ['hubToAgent', hubToAgent],
  ['workerToHub', workerToHub],
  ['hubToWorker', hubToWorker],
  ['hubToWallboard', hubToWallboard],
]

describe.each(directions)('golden messages: %s', (name, schema) => {
  const goldens = read<Golden[]>(name)

  it.each(goldens.map((golden) => [golden.name, golden] as const))('%s', (_, golden) => {
    const parsed = parseMessage(JSON.stringify(golden.message), schema)
    expect(parsed.ok ? 'message' : parsed.reason).toBe(golden.outcome)
  })

  it('golden messages contain a valid and a broken example of every kind', () => {
    for (const kind of kindsOf(schema)) {
      const of = goldens.filter(({ message }) => message.kind === kind).map(({ outcome }) => outcome)
      expect(of, kind).toContain('message')
      expect(of, kind).toContain('broken')
    }
  })

  it('golden messages stay equal when written and read again', () => {
    for (const { message } of goldens.filter(({ outcome }) => outcome === 'message')) {
      const once = schema.parse(message)
      expect(schema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once)
    }
  })
})

describe('golden frames', () => {
  it.each(read<GoldenFrame[]>('frames').map((golden) => [golden.name, golden] as const))(
    '%s',
    (_, golden) => {
      const decoded = decodeFrame(Uint8Array.from(Buffer.from(golden.hex, 'hex')))
      if (!decoded.ok) return expect(decoded.fault).toBe(golden.outcome)
      expect(golden.outcome).toBe('frame')
      expect(decoded.stream).toBe(golden.stream)
      expect(
        decoded.records.map((record) => ({
          ...record,
          payload: Buffer.from(record.payload).toString('hex'),
        })),
      ).toEqual(golden.records)
      expect(Buffer.from(encodeFrame(decoded.stream, decoded.records)).toString('hex')).toBe(golden.hex)
    },
  )
})

describe('messages in text form', () => {
  it.each([
    ['no JSON', 'hello'],
    ['a number', '7'],
    ['null', 'null'],
    ['an array', '[{"kind":"ping","n":1}]'],
    ['a kind that is no text', '{"kind":7}'],
  ])('[L6] a message that is %s is broken', (_, text) => {
    expect(parseMessage(text, linkMessage)).toMatchObject({ ok: false, reason: 'broken' })
  })
})
