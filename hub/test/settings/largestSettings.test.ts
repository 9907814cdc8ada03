import { MAX_FRAME_BYTES, MAX_OPT_OUTS, agentSettings as message } from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import { agentSettings } from '../../src/settings/agentSettings.ts'
import { hubSettings } from '../../src/settings/schema.ts'

const many = (value: string) => Array.from({ length: MAX_OPT_OUTS }, () => value)
/** As many opt-outs as may be, each as long as may be; the rule in characters that take most room in JSON. */
const largest = {
  language: 'auto',
  recording: {
    consent: { confirmed: true, ruleVersion: Number.MAX_SAFE_INTEGER, text: '\u0001'.repeat(4_000) },
    optOut: { extensions: many('9'.repeat(16)), numbers: many(`+${'9'.repeat(23)}`) },
  },
}

describe('the largest settings that an administrator may write', () => {
  it('fit into one message to the agents', () => {
    const said = agentSettings(hubSettings.parse(largest))
    expect(message.parse(said)).toEqual(said)
    const bytes = Buffer.byteLength(JSON.stringify(said))
    expect(bytes).toBeGreaterThan(240_000) // else the limits are tighter than they need be
    expect(bytes).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  })

  it.each([
    ['extensions', '9'.repeat(17)],
    ['extensions', '"'],
    ['numbers', '9'.repeat(25)],
    ['numbers', 'é'],
  ])('hold no longer or odder %s', (key, value) => {
    expect(hubSettings.safeParse({ recording: { optOut: { [key]: [value] } } }).success).toBe(false)
  })
})
