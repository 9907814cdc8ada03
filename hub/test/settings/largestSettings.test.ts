import { MAX_FRAME_BYTES, MAX_OPT_OUTS, agentSettings as message } from '@3cx-ninja/protocol'
import { describe, expect, it } from 'vitest'
import { agentSettings } from '../../src/settings/agentSettings.ts'
import { hubSettings } from '../../src/settings/schema.ts'

const many = (value: string) => Array.from({ length: MAX_OPT_OUTS }, () => value)
/** The largest opt-outs in number and length, and a consent rule in the characters that are longest in JSON. */
const largest = {
  language: 'auto',
  recording: {
    consent: { confirmed: true, ruleVersion: 1_000_000_000_000, text: '\u0001'.repeat(4_000) },
    optOut: { extensions: many('9'.repeat(16)), numbers: many(`+${'9'.repeat(23)}`) },
  },
}

describe('the largest settings that an administrator may write', () => {
  it('fits the largest settings into one message to the agents', () => {
    const sent = agentSettings(hubSettings.parse(largest))
    expect(message.parse(sent)).toEqual(sent)
    const bytes = Buffer.byteLength(JSON.stringify(sent))
    expect(bytes).toBeGreaterThan(240_000) // else the limits are tighter than they need be
    expect(bytes).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  })

  it.each([
    ['extensions', '9'.repeat(17)],
    ['extensions', '"'],
    ['numbers', '9'.repeat(25)],
    ['numbers', 'é'],
  ])('refuses opted-out %s that are longer or have other characters: %s', (key, value) => {
    expect(hubSettings.safeParse({ recording: { optOut: { [key]: [value] } } }).success).toBe(false)
  })
})
