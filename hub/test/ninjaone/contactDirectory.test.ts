import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openContactDirectory, type ContactStore } from '../../src/ninjaone/contactDirectory.ts'
import { createClient } from '../../src/ninjaone/client.ts'
import { SANDBOX_CLIENT, startSandbox } from '../../testing/sandboxNinjaOne.ts'

async function someContacts(stored?: unknown) {
  const clock = createFakeClock()
  const sandbox = await startSandbox(clock)
  onTestFinished(() => sandbox[Symbol.asyncDispose]())
  let token: string | undefined = sandbox.signIn()
  let kept = stored
  const store: ContactStore = {
    read: () => Promise.resolve(kept),
    save: (next) => Promise.resolve(void (kept = structuredClone(next))),
  }
  const client = createClient({
    account: { host: sandbox.url, ...SANDBOX_CLIENT, requestsPerSecond: 50 },
    tokens: { read: () => Promise.resolve(token), save: (next) => Promise.resolve(void (token = next)) },
    clock,
    onEvent: () => undefined,
  })
  const events: string[] = []
  const open = () =>
    openContactDirectory({ client, store, clock, country: 'FR', onEvent: (event) => void events.push(event) })
  const contacts = await open()
  return { clock, sandbox, contacts, open, events, kept: () => kept }
}

describe('the contact directory', () => {
  it.each([
    ['+33240112233', 'Thomas Girard'],
    ['0240112233', 'Thomas Girard'],
    ['02 40 11 22 33', 'Thomas Girard'],
    ['0033 2 40 11 22 33', 'Thomas Girard'],
    ['+33 (0)2 40 11 22 30', 'Sophie Lambert'],
    ['0612345678', 'Nadia Benali'],
  ])(
    'identifies a caller by %s, however NinjaOne and the telephone write it',
    async (number, contactName) => {
      const { contacts } = await someContacts()
      await contacts.refresh()
      expect(contacts.identify(number)).toMatchObject({ match: 'one', contactName })
    },
  )

  it('identifies only the organization when two of its people share the number', async () => {
    const { contacts } = await someContacts()
    await contacts.refresh()
    const found = contacts.identify('+33241556677')
    expect(found).toEqual({ match: 'ambiguous', organizationId: '42', organizationName: 'Cabinet Moreau' })
  })

  it('matches no contact with an unknown number, and judges no extension or withheld number', async () => {
    const { contacts } = await someContacts()
    await contacts.refresh()
    expect(contacts.identify('+33199001122')).toEqual({ match: 'none' })
    for (const number of ['201', 'anonymous', '', undefined])
      expect(contacts.identify(number)).toBeUndefined()
  })

  it('calls no caller unknown until the contacts were loaded once', async () => {
    const { contacts, sandbox, events } = await someContacts()
    expect(contacts.identify('+33240112233')).toBeUndefined()
    await sandbox.fail('GET /*', { kind: 'status', status: 500 }, 3)
    await contacts.refresh()
    expect(contacts.identify('+33240112233')).toBeUndefined()
    expect(events).toContain('contacts.not-loaded')
  })

  it('reads the next page of organizations after a page with an unreadable one', async () => {
    const first = Array.from({ length: 1_000 }, (_, index) => ({
      id: index + 1,
      name: `Client ${index + 1}`,
    }))
    const pages = [[{ id: 0, name: null }, ...first.slice(1)], [{ id: 1_001, name: 'Menuiserie Lambert' }]]
    const person = { uid: 'person-1', displayName: 'Sophie Lambert', phone: '+33240112230', clientId: 1_001 }
    const answers = { '/v2/organizations': pages, '/v2/ticketing/contact/contacts': [[person]] } as Record<
      string,
      unknown[]
    >
    const contacts = await openContactDirectory({
      client: {
        request: ({ url = '' }) =>
          Promise.resolve({
            kind: 'answer',
            status: 200,
            text: JSON.stringify(answers[url]?.shift() ?? []),
            isHtml: false,
          }),
        signInUrl: () => '',
        signIn: () => Promise.resolve(),
        isSignedIn: () => Promise.resolve(true),
      },
      store: { read: () => Promise.resolve(undefined), save: () => Promise.resolve() },
      clock: createFakeClock(),
      country: 'FR',
      onEvent: () => undefined,
    })
    await contacts.refresh()
    expect(contacts.identify('0240112230')).toMatchObject({ organizationName: 'Menuiserie Lambert' })
    contacts.stop()
  })

  it('identifies a caller after a restart, also while NinjaOne is unreachable', async () => {
    const { contacts, open, sandbox } = await someContacts()
    await contacts.refresh()
    await sandbox.fail('GET /*', { kind: 'cut' }, 99)
    const again = await open()
    await again.refresh()
    expect(again.identify('+33240112233')).toMatchObject({ contactName: 'Thomas Girard' })
  })

  it('loads the contacts again every five minutes', async () => {
    const { contacts, clock, sandbox } = await someContacts()
    await contacts.refresh()
    const lists = async () =>
      (await sandbox.requests()).filter(({ path }) => path.endsWith('/contacts')).length
    expect(await lists()).toBe(1)
    await clock.advance(300_000)
    while ((await lists()) < 2) await new Promise(setImmediate)
    contacts.stop()
  })

  it('starts without contacts when the stored ones cannot be read', async () => {
    const { contacts } = await someContacts({ people: 'broken' })
    expect(contacts.identify('+33240112233')).toBeUndefined()
  })
})
