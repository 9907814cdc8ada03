import type { Fault } from '../../../test/sandbox/ninjaone/schemas.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { openNinjaOne, tokenStoreOf } from '../../src/ninjaone/ninjaone.ts'
import { ninjaoneSettings } from '../../src/ninjaone/settings.ts'
import { helpdeskContract, type HelpdeskFault } from '../../testing/helpdeskContract.ts'
import { SANDBOX_CLIENT, startSandbox } from '../../testing/sandboxNinjaOne.ts'

const REQUESTS = {
  'create-ticket': 'POST /v2/ticketing/ticket',
  'add-comment': 'POST /v2/ticketing/ticket/*',
  search: 'POST /v2/ticketing/trigger/*',
}
const FAULTS: Readonly<Record<HelpdeskFault, Fault>> = {
  lost: { kind: 'stored-then-cut' },
  throttled: { kind: 'status', status: 429, retryAfter: '7' },
  refused: { kind: 'status', status: 400, body: { resultCode: 'validation_failed' } },
  'wants-a-person': { kind: 'status', status: 403, body: { resultCode: 'user_context_required' } },
  forbidden: { kind: 'status', status: 403, body: { resultCode: 'insufficient_privileges' } },
  broken: { kind: 'status', status: 500 },
}

helpdeskContract('NinjaOne', async () => {
  const clock = createFakeClock()
  const sandbox = await startSandbox(clock)
  const values = new Map<string, string>()
  const store = {
    read: (name: string) => Promise.resolve(values.get(name)),
    save: (name: string, value: string | undefined) =>
      Promise.resolve(value === undefined ? void values.delete(name) : void values.set(name, value)),
  }
  await tokenStoreOf(store).save(sandbox.signIn())
  const helpdesk = await openNinjaOne({
    settings: ninjaoneSettings.parse({ host: sandbox.url, ...SANDBOX_CLIENT, requestsPerSecond: 50 }),
    country: 'FR',
    store,
    clock,
    onEvent: () => undefined,
  })
  return {
    helpdesk,
    organizationId: '41',
    contact: {
      id: '00000000-0000-4000-8000-000000000100',
      name: 'Thomas Girard',
      number: '+33240112233',
    },
    fail: (request, fault) => sandbox.fail(REQUESTS[request], FAULTS[fault]),
    stored: () =>
      sandbox.held.tickets.map(({ id, subject, log }) => ({
        id: String(id),
        subject,
        comments: log.filter(({ type }) => type === 'COMMENT').map(({ body }) => body),
      })),
    signOut() {
      sandbox.held.refreshTokens = []
    },
    nowMs: () => clock.nowMs(),
    async [Symbol.asyncDispose]() {
      helpdesk.stop()
      await sandbox[Symbol.asyncDispose]()
    },
  }
})
