import { expect, it } from 'vitest'
import { withLive } from '../../src/settings/liveSettings.ts'
import { hubSettings } from '../../src/settings/schema.ts'

it('[9.8] masks personal data in tickets from the moment that it is saved, and not before anybody asks for it', () => {
  const current = hubSettings.parse({})
  expect(current.tickets.maskPersonal).toBe(false)
  const live = withLive(current, hubSettings.parse({ tickets: { maskPersonal: true, undoSeconds: 9 } }))
  expect(live.tickets).toEqual({ ...current.tickets, maskPersonal: true })
  expect(withLive(live, live)).toBe(live)
})
