import type { Context } from 'hono'

/** Deeper than anything the hub reads: settings are three deep. */
const MAX_DEPTH = 32

/**
 * Resolves with the parsed body; undefined when it is no JSON, or nested more than 32 deep: what walks such a value step by
 * step runs out of stack. Rejects when the peer leaves before its body is here.
 */
export async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return isDeep(value) ? undefined : value
}

/** By levels, not by recursion. */
function isDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true
    level = level.flatMap((one): unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    )
  }
  return false
}
