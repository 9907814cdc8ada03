import { expect, it } from 'vitest'
import { encodeFrame } from '@3cx-ninja/protocol'
import { aPart } from '../../testing/messages.ts'
import { openTwoAgents, type TwoAgents } from '../../testing/twoAgents.ts'

const SOUND = '/api/agent/recordings/recording-of-alice'
const statusOf = async ({ hub }: TwoAgents, token: string) =>
  (await hub.ask(SOUND, { headers: { authorization: `Bearer ${token}` } })).status

it('[C9] [R15] lets a machine that enrolls again with its former token continue its calls and recordings', async () => {
  await using world = await openTwoAgents()
  const { hub, alice, call, header } = world
  const again = await hub.enroll('agent', { extension: '101', name: 'Alice', formerToken: alice.token })
  expect(again.id).not.toBe(alice.id)
  const link = await hub.connect('agent', again)
  link.send({ kind: 'call-report', call: { ...call, revision: 2, phase: 'held' } })
  expect(await link.next('call-identified')).toMatchObject({
    call: { agentId: again.id, phase: 'held', recordingId: header.recordingId },
  })
  link.send({ kind: 'part-open', stream: 3, header })
  expect(await link.next('part-position')).toMatchObject({ position: 20 })
  link.send(encodeFrame(3, aPart(21).records.slice(20)))
  while (Number((await link.next('records-flushed'))['position']) < 21);
  link.send({ kind: 'part-open', stream: 4, header: { ...header, part: 2, previousPosition: 21 } })
  expect(await link.next('part-position')).toMatchObject({ stream: 4, position: 0 })
  expect(await statusOf(world, again.token)).toBe(200)
  link.send({ kind: 'recording-erase', recordingId: header.recordingId })
  await link.next('recording-erased')
  expect(await statusOf(world, again.token)).toBe(410)
})

it('[C9] repeats a report of the former enrollment under the new one, without going back in the call', async () => {
  await using world = await openTwoAgents()
  const { hub, alice, call } = world
  const again = await hub.enroll('agent', { extension: '101', formerToken: alice.token })
  const link = await hub.connect('agent', again)
  link.send({ kind: 'call-report', call: { ...call, revision: 0, phase: 'ringing' } })
  expect(await link.next('call-identified')).toMatchObject({ call: { agentId: again.id, phase: 'talking', revision: 1 } }) // prettier-ignore
})

it.each([
  ['a token that nobody has', () => Promise.resolve('x'.repeat(43))],
  ['the token of a worker', async ({ hub }: TwoAgents) => (await hub.enroll('worker')).token],
  [
    'a revoked token',
    async ({ hub, alice }: TwoAgents) => {
      await hub.hub.access.revoke(alice.id)
      return alice.token
    },
  ],
])('[C9] gives a new enrollment nothing of another for %s', async (_, formerTokenOf) => {
  // prettier-ignore
  await using world = await openTwoAgents()
  const { hub, header } = world
  const again = await hub.enroll('agent', { extension: '101', formerToken: await formerTokenOf(world) })
  const link = await hub.connect('agent', again)
  link.send({ kind: 'part-open', stream: 3, header })
  expect(await link.next('part-refused')).toMatchObject({ reason: 'not-yours' })
  expect(await statusOf(world, again.token)).toBe(403)
})

it('[C9] ends what a new enrollment has of the former one once that is revoked: a stolen token gives nothing that lasts', async () => {
  await using world = await openTwoAgents()
  const { hub, alice } = world
  const thief = await hub.enroll('agent', { extension: '109', formerToken: alice.token })
  const link = await hub.connect('agent', thief)
  expect(await statusOf(world, thief.token)).toBe(200)
  await hub.hub.access.revoke(alice.id)
  expect(await link.closed).toMatchObject({ reason: 'goingAway' })
  expect(await statusOf(world, thief.token)).toBe(403)
})
