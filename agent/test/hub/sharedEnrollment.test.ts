import { expect, it } from 'vitest'
import { agentId } from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { createHubAttachment } from '../../src/main/hub/hubAttachment.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import type { Identity } from '../../src/main/process/secrets.ts'
import type { SettingsFile } from '../../src/main/process/settings.ts'
import { readUserError } from '../../src/main/process/userError.ts'
import { startFakeHub } from '../../testing/fakeHub.ts'

it('[L8] an agent whose link another PC replaced names the remedy to its technician, and waits before it connects again', async () => {
  await using hub = await startFakeHub()
  const identity: Identity = { agentId: agentId.parse('agent-0001'), token: 'token-1', hubName: 'Hub', hub: hub.url } // prettier-ignore
  const errors: Error[] = []
  let waits: (ms: number) => void = () => undefined
  const waiting = new Promise<number>((resolve) => (waits = resolve))
  const agent = createHubAttachment({
    settings: { value: { hub: hub.url, name: '', extension: '101', email: '' } } as SettingsFile, // the only settings that the part reads
    secrets: { masterKey: Buffer.alloc(32), identity: () => identity, saveIdentity: async () => undefined },
    enrollmentKey: '',
    clock: systemClock,
    random: () => 0.5,
    log: silentLogger,
    version: 'test',
    machine: 'PC-ACCUEIL',
    onEnrolled: () => undefined,
    onUserError: (error) => void errors.push(error),
  })
  agent.attach({
    onMessage: () => hub.close('replaced'),
    onState(state) {
      if (state.at === 'waiting') waits(state.untilMs - systemClock.monotonicMs())
    },
  })
  expect(await waiting).toBeGreaterThan(4_000)
  expect(errors.map((error) => readUserError(error).code)).toEqual(['identity-shared'])
  await agent.stop()
})
