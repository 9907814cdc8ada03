import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import type { ZodType } from 'zod'
import { agentToHub, hubToAgent, hubToWallboard, hubToWorker, workerToHub } from '@3cx-ninja/protocol'
import { parseMessage } from '../../../protocol/src/link/parseMessage.ts'
import { bytesOf, textOf, type FuzzTarget } from '../fuzzTarget.ts'

const SCHEMAS: Readonly<Record<string, ZodType>> = {
  agentToHub,
  hubToAgent,
  hubToWallboard,
  hubToWorker,
  workerToHub,
}
const contract = path.resolve(import.meta.dirname, '../../../protocol/contract')

const golden = () =>
  Object.keys(SCHEMAS).flatMap((name) =>
    (JSON.parse(readFileSync(path.join(contract, `${name}.json`), 'utf8')) as { message: unknown }[]).map(
      ({ message }) => message,
    ),
  )

/** The keys and short texts of the golden messages: the words of the protocol. */
function words(value: unknown): string[] {
  if (typeof value === 'string') return [JSON.stringify(value)]
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.entries(value).flatMap(([key, inner]) => [JSON.stringify(key), ...words(inner)])
}

/** The parser of text messages, with the schema of each link: rule L6. */
export const messages: FuzzTarget = {
  name: 'messages',
  sources: /protocol\/src\/|zod\/v4\/core\/(schemas|checks|parse|regexes)\.js/,
  seeds: () => golden().map((message) => bytesOf(JSON.stringify(message))),
  dictionary: [
    ...new Set(golden().flatMap(words)),
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    'null',
    'true',
    '"__proto__":1,',
  ],
  arbitrary: fc
    .tuple(fc.constantFrom(...golden()), fc.json({ maxDepth: 3 }))
    .map(([message, json]) => bytesOf(JSON.stringify({ ...(message as object), ...spreadable(json) }))),
  check(input) {
    const text = textOf(input)
    for (const [name, schema] of Object.entries(SCHEMAS)) {
      const parsed = parseMessage(text, schema)
      if (!parsed.ok) continue
      // A message that was accepted is stored and sent on as JSON: it must be accepted unchanged there.
      const sent = JSON.stringify(parsed.message)
      const again = parseMessage(sent, schema)
      if (!again.ok || JSON.stringify(again.message) !== sent)
        throw new Error(`a message of ${name} changes, or is refused, when it is sent on`)
    }
  },
}

function spreadable(json: string): object {
  const value: unknown = JSON.parse(json)
  return typeof value === 'object' && value !== null ? value : { extra: value }
}
