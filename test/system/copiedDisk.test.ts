import { cp } from 'node:fs/promises'
import { expect, it } from 'vitest'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { startHeadlessProcess, type Line } from '../../agent/testing/startHeadlessProcess.ts'
import { aFolder, aSound, aWav } from '../../agent/testing/sounds.ts'
import { aWorkerOffer } from '../../hub/testing/messages.ts'
import { startHub } from '../../hub/testing/startHub.ts'

const recordingOf = (line: Line) => (line['call'] as CallSnapshot | undefined)?.recordingId

it('[L8] agent and hub report a PC that was copied from another one, and the calls of both PCs reach the hub whole', async () => {
  await using hub = await startHub({ settings: { dispatch: { leaseSeconds: 60 } } })
  await using folder = await aFolder()
  const audio = await folder.file('call.wav', aWav(aSound({ seconds: 2 })))
  const args = (name: string) => ['--hub', hub.url, '--data', `${folder.path}/${name}`, '--extension', '201', '--audio', audio] // prettier-ignore
  {
    await using original = startHeadlessProcess([...args('pc-1'), '--enrollment-key', await hub.enrollmentKey('agent')]) // prettier-ignore
    await original.waitFor('rules', (line) => line.kind === 'settings')
    await original.kill('SIGTERM')
  }
  await cp(`${folder.path}/pc-1`, `${folder.path}/pc-2`, { recursive: true })
  await using one = startHeadlessProcess(args('pc-1'))
  await one.waitFor('rules', (line) => line.kind === 'settings')
  await using two = startHeadlessProcess(args('pc-2'))
  await two.waitFor('rules', (line) => line.kind === 'settings')

  const isShared = (line: Line) => line.kind === 'user-error' && (line['info'] as { code?: string } | undefined)?.code === 'identity-shared' // prettier-ignore
  await one.waitFor('the sentence to its technician', isShared)
  const ids: string[] = []
  for (const pc of [one, two]) {
    for (const step of [{ action: 'ring', number: '+33240112233' }, { action: 'talk' }, { after: 'audio', action: 'hang-up' }]) pc.write(step) // prettier-ignore
    ids.push(
      String(recordingOf(await pc.waitFor('its recording', (line) => recordingOf(line) !== undefined))),
    )
  }
  expect(new Set(ids).size).toBe(2)
  expect((await hub.logged('client.token-shared')).fields['locations']).toHaveLength(2)
  const admin = await hub.signInAdmin()
  const health = (await admin.ask('/health')).json<{ parts: { name: string; state: string }[] }>()
  expect(health.parts.find(({ name }) => name === 'enrollments')).toMatchObject({ state: 'degraded' })
  // The two agents hold the link in turns: a worker gets both recordings, each up to its seal.
  const worker = await hub.connect('worker', await hub.enroll('worker'))
  worker.send(aWorkerOffer({ slots: 2 }))
  const recordings = new Map<unknown, string>()
  while (recordings.size < 2) {
    const { lease } = (await worker.next('lease-offer')) as unknown as { lease: { leaseId: string; recordingId: string } } // prettier-ignore
    recordings.set(lease.leaseId, lease.recordingId)
    worker.send({ kind: 'lease-accept', leaseId: lease.leaseId })
  }
  const whole = new Set<string | undefined>()
  while (whole.size < 2) {
    const { leaseId, last } = await worker.next('part-ends')
    if (last === true) whole.add(recordings.get(leaseId))
  }
  expect([...whole].sort()).toEqual([...ids].sort())
})
