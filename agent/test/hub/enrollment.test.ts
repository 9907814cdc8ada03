import { expect, it } from 'vitest'
import { agentId, type EnrollRequest } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { enrollOnce } from '../../src/main/hub/enrollment.ts'
import type { Identity, Secrets } from '../../src/main/process/secrets.ts'

/** Returns what the hub is asked when an agent with this identity enrolls. */
async function asked(kept: Identity | undefined, hub: string): Promise<Omit<EnrollRequest, 'secret'>[]> {
  const requests: Omit<EnrollRequest, 'secret'>[] = []
  const secrets = { identity: () => kept, saveIdentity: () => Promise.resolve() } as unknown as Secrets // it reads no more
  await enrollOnce({
    ...{ hub, key: 'secret.pin', name: 'Camille', extension: '201', email: '', machine: 'PC-7', secrets },
    ...{ clock: createFakeClock(), random: () => 0.5 },
    enroll(_hub, _key, request) {
      requests.push(request)
      return Promise.resolve({ id: 'agent-again', token: 'new-token', hubName: 'hub' })
    },
  })
  return requests
}
const kept: Identity = {
  agentId: agentId.parse('agent-before'),
  token: 'former-token',
  hubName: 'hub',
  hub: 'https://hub.example:8443',
}

it('[C9] shows its former token to the same hub only, so that the new enrollment continues what waits on this disk', async () => {
  expect(await asked(kept, 'https://hub.example:8443/')).toMatchObject([{ formerToken: 'former-token' }])
  for (const [identity, hub] of [
    [kept, 'https://other.example:8443'],
    [kept, 'https://hub.example'],
    [undefined, 'https://hub.example:8443'],
  ] as const)
    expect((await asked(identity, hub))[0]).not.toHaveProperty('formerToken')
})
