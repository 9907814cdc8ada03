import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { encodeFrame } from '@3cx-ninja/protocol'
import { aHeader, aRecord } from '../../../recording-log/testing/records.ts'
import { aWorkerOffer } from '../../testing/messages.ts'
import { startHub } from '../../testing/startHub.ts'

it('goes on from a copy of data and secrets with the same clients, the same authority and readable recordings', async () => {
  const before = await startHub()
  onTestFinished(() => before[Symbol.asyncDispose]())
  const [agent, worker] = [await before.enroll('agent'), await before.enroll('worker')]
  const link = await before.connect('agent', agent)
  link.send({ kind: 'part-open', stream: 1, header: aHeader({ extension: '101' }) })
  await link.next('part-position')
  await link.next('records-flushed')
  link.send(encodeFrame(1, [aRecord(0), aRecord(1)]))
  expect(await link.next('records-flushed')).toMatchObject({ position: 2 })
  await before.stop()

  const folder = await mkdtemp(path.join(tmpdir(), 'restored-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const name of ['data', 'secrets']) await cp(path.join(before.folder, name), path.join(folder, name), { recursive: true }) // prettier-ignore
  await using restored = await startHub({ folder })
  expect(restored.hub.pin).toBe(before.hub.pin)
  const again = await restored.connect('agent', agent)
  again.send({ kind: 'part-open', stream: 1, header: aHeader({ extension: '101' }) })
  expect(await again.next('part-position')).toMatchObject({ position: 2 })
  const reader = await restored.connect('worker', worker)
  reader.send(aWorkerOffer({ slots: 1 }))
  expect(await reader.next('lease-offer')).toBeDefined()
})
