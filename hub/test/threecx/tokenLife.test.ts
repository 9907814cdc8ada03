import { expect, it } from 'vitest'
import { lacksEnterprise, tokenLifeMs } from '../../src/threecx/tokenLife.ts'

const NOW = Date.UTC(2026, 10, 21)
const SECONDS = NOW / 1_000
const jwt = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`
const cases: readonly (readonly [string, string, number | undefined, number])[] = [
  ['a JWT with both stamps, whatever the PBX’s clock says', jwt({ iat: 5, exp: 3_605 }), 60, 3_600_000],
  ['a JWT with its end alone', jwt({ exp: SECONDS + 1_800 }), undefined, 1_800_000],
  ['a JWT whose end is past by a wrong clock', jwt({ exp: SECONDS - 1_800 }), 3_600, 3_600_000],
  ['minutes, as before 20.0.9', 'opaque', 60, 3_600_000],
  ['seconds, as since 20.0.9', 'opaque', 3_600, 3_600_000],
  ['nothing at all', 'opaque', undefined, 3_600_000],
  ['less than nothing', 'opaque', -5, 3_600_000],
  ['a life of years', jwt({ iat: 0, exp: 9e9 }), 9e9, 86_400_000],
  ['a body that is no JSON', 'a.!!!.c', 60, 3_600_000],
]
it.each(cases)('reads the life of a token from %s', (_, token, expiresIn, lifeMs) => {
  expect(tokenLifeMs({ token, expiresIn, nowMs: NOW })).toBe(lifeMs)
})

it('suspects a license without Enterprise from a list of roles, and nothing from a missing list', () => {
  expect(lacksEnterprise(jwt({ role: ['Paid', 'MyUser'] }))).toBe(true)
  expect(lacksEnterprise(jwt({ role: ['Paid', 'Enterprise'] }))).toBe(false)
  expect(lacksEnterprise(jwt({ aud: ['x'] }))).toBe(false)
  expect(lacksEnterprise('')).toBe(false)
})
