import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callSnapshot, callId as callIdSchema } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createCallShell } from '../../src/main/call/callShell.ts'
import { createContactUrlSource } from '../../src/main/detection/contactUrlSource.ts'
import { parseContactUrl } from '../../src/main/detection/contactUrl.ts'
import type { CallFact } from '../../src/main/call/callState.ts'
import { cpuTimeMs } from '../../../protocol/testing/cpuTime.ts'

const callerOf = (url: string) => {
  const link = parseContactUrl(url)
  return link.ok ? [link.fact.remoteNumber, link.fact.remoteName] : link.reason
}

describe('a link of the telephone client', () => {
  it.each([
    ['3cx-ninja://call?number=+33240112233&name=Thomas Girard', ['+33240112233', 'Thomas Girard']],
    ['3cx-ninja://call/?number=%2B33%202%2040%2011&name=Ren%C3%A9e%20L%C3%A9vy', ['+3324011', 'Renée Lévy']],
    ['3CX-NINJA://CALL?name=Smith & Sons&number=201', ['201', 'Smith & Sons']],
    ['3cx-ninja:call?number=(02) 40.11-22/33', ['0240112233', undefined]],
    ['3cx-ninja://call?number=anonymous&name=Anonymous', [undefined, 'Anonymous']],
    ['3cx-ninja://call?number=%CallerNumber%&name=%CallerDisplayName%', 'no-caller'],
    ['3cx-ninja://call?name=100%', [undefined, '100%']],
    ['3cx-ninja://call?number=201&number=666', ['201', undefined]],
    ['3cx-ninja://call?name=a%0d%0aX-Evil: 1%00%E2%80%AEgpj', [undefined, 'a X-Evil: 1 gpj']],
    ['3cx-ninja://call?number=1;rm -rf ~&name=$(reboot)', [undefined, '$(reboot)']],
    ['3cx-ninja://settings?number=201', 'not-ours'],
    ['https://call?number=201', 'not-ours'],
    ['3cx-ninja://call', 'not-ours'],
    [`3cx-ninja://call?number=201&name=${'x'.repeat(3_000)}`, 'too-long'],
  ])('a contact URL is parsed: %s', (url, wanted) => {
    expect(callerOf(url)).toEqual(wanted)
  })

  it('a hostile contact URL is refused or becomes a bounded, clean fact that the protocol accepts', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '&number=',
        '&name=',
        '%',
        '%00',
        '%E2%80%AE',
        '../',
        '\u202e',
        '\ud800',
        '+33',
        '9'.repeat(80),
        '"\'`$()',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const link = parseContactUrl(`3cx-ninja://call?${pieces.join('')}`)
        if (!link.ok) return
        const { remoteNumber, remoteName, state, leg } = link.fact
        expect(state).toBe('ringing')
        expect(remoteNumber ?? '0').toMatch(/^[+*#]?[0-9*#]{1,64}$/)
        expect(remoteName ?? 'x').not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect((leg ?? '').length).toBeLessThanOrEqual(160)
        callSnapshot.shape.remoteNumber.parse(remoteNumber)
        callSnapshot.shape.remoteName.parse(remoteName)
      }),
      { numRuns: 2_000 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (url) => void parseContactUrl(url)),
      { numRuns: 1_000 },
    )
  })

  it('a contact URL of 2,048 characters made to backtrack is parsed at once', () => {
    const readAll = () => {
      for (let run = 0; run < 200; run++)
        parseContactUrl(`3cx-ninja://call?${'&name=&number'.repeat(200)}`.slice(0, 2_048))
    }
    expect(cpuTimeMs(readAll)).toBeLessThan(2_000)
  })
})

describe('links as a call source', () => {
  const start = () => {
    const clock = createFakeClock()
    const source = createContactUrlSource({ clock })
    const facts: CallFact[] = []
    const stop = source.start({
      fact: (fact) => facts.push(fact),
      changed: () => undefined,
      failed: () => undefined,
    })
    return { clock, source, facts, stop }
  }

  it('the contact URL source accepts ten links a minute, and refuses more until time has passed', async () => {
    const { clock, source, facts } = start()
    const outcomes = Array.from({ length: 12 }, (_, index) =>
      source.open(`3cx-ninja://call?number=${index}00`),
    )
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(10)
    expect(outcomes.at(-1)).toBe('too-many')
    await clock.advance(61_000)
    expect(source.open('3cx-ninja://call?number=201')).toBe('accepted')
    expect(facts).toHaveLength(11)
  })

  it('the contact URL source reports nothing before its start and after its stop', async () => {
    const { source, stop, facts } = start()
    await stop()
    expect(source.open('3cx-ninja://call?number=201')).toBe('not-running')
    expect(facts).toEqual([])
    expect(source.state()).toEqual({ at: 'stopped' })
  })

  it('a contact URL that the microphone follows is one call with its caller; a second caller meanwhile is a second call', async () => {
    const { clock, source } = start()
    let ids = 0
    const calls = createCallShell({
      clock,
      newId: () => callIdSchema.parse(`01JZ0000000000000000000${String(ids++).padStart(3, '0')}`),
      extension: () => '201',
      recording: () => undefined,
      report: () => undefined,
      onChange: () => undefined,
    })
    source.start({ fact: calls.fact, changed: () => undefined, failed: () => undefined })
    source.open('3cx-ninja://call?number=0240112233&name=Thomas')
    source.open('3cx-ninja://call?number=0240112233&name=Thomas')
    calls.fact({ source: 'microphone', state: 'talking' })
    await clock.advance(1_000)
    expect(calls.calls()).toMatchObject([
      { phase: 'talking', remoteNumber: '0240112233', direction: 'inbound' },
    ])
    source.open('3cx-ninja://call?number=0699887766')
    expect(calls.calls()).toMatchObject([
      { phase: 'talking', remoteNumber: '0240112233' },
      { phase: 'ringing', remoteNumber: '0699887766' },
    ])
    calls.stop()
  })
})
