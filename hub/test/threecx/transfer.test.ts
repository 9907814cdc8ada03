import { expect, it } from 'vitest'
import { encodeFrame } from '@3cx-ninja/protocol'
import { startSandboxPbx } from '../../../test/sandbox/pbx/callControl.ts'
import { inbound } from '../../../test/sandbox/pbx/participants.ts'
import { aCall, aPart } from '../../testing/messages.ts'
import type { RawLink } from '../../testing/rawClient.ts'
import { startHub, type Member, type TestHub } from '../../testing/startHub.ts'

const CALLER = '+33240112233'
const factOf = async (link: RawLink, state: string) => {
  for (;;) {
    const fact = await link.next('call-fact')
    if (fact['state'] === state) return String(fact['callId'])
  }
}
const draftAt = async (link: RawLink, at: string) => {
  for (;;) {
    const { draft } = (await link.next('draft')) as unknown as {
      draft: { callId: string; state: { at: string } }
    }
    if (draft.state.at === at) return draft
  }
}
const playBack = async (hub: TestHub, recordingId: string, { token }: Member) =>
  (await hub.ask(`/api/agent/recordings/${recordingId}`, { headers: { authorization: `Bearer ${token}` } }))
    .status

/** Reports the PBX's call as talked at this PC, and records two records of it. */
async function records(link: RawLink, extension: string, callId: string, recordingId: string): Promise<void> {
  const call = aCall({ callId: callId as never, extension, recordingId: recordingId as never })
  link.send({ kind: 'call-report', call })
  await link.next('call-identified')
  const { header, records: sound } = aPart(2, { ...{ extension, callId: callId as never, recordingId: recordingId as never } }) // prettier-ignore
  link.send({ kind: 'part-open', stream: 1, header })
  await link.next('part-position')
  link.send(encodeFrame(1, sound))
  while (Number((await link.next('records-flushed'))['position']) < 2);
}

it('[C11] [H2] gives a transferred call one draft, that of the technician who talks last, who may play back both parts', async () => {
  await using pbx = await startSandboxPbx({
    numbers: { 201: 'Wextension', 202: 'Wextension', 203: 'Wextension' },
  })
  const { url, client } = pbx
  await using hub = await startHub({ settings: { threecx: { callControl: { url, ...client } } } })
  await hub.logged('threecx.open')
  const enrolled = async (extension: string) => {
    const member = await hub.enroll('agent', { extension, name: `Technician ${extension}` })
    return { member, link: await hub.connect('agent', member) }
  }
  const [first, second, third] = [await enrolled('201'), await enrolled('202'), await enrolled('203')]
  const part = { party_caller_id: CALLER, callid: 880, status: 'Connected' }

  pbx.put(inbound({ id: 1, dn: '201', ...part }))
  await records(first.link, '201', await factOf(first.link, 'talking'), 'recording-of-201')
  await draftAt(first.link, 'collecting')
  pbx.put(inbound({ id: 2, dn: '202', ...part }))
  pbx.take('201', 1)
  const callId = await factOf(second.link, 'talking')
  await records(second.link, '202', callId, 'recording-of-202')

  expect(await draftAt(first.link, 'discarded')).toMatchObject({ state: { reason: 'duplicate', note: expect.stringContaining('Technician 202') as string } }) // prettier-ignore
  expect(await draftAt(second.link, 'collecting')).toMatchObject({ callId })
  const statuses = async ({ member }: { member: Member }) => [
    await playBack(hub, 'recording-of-201', member),
    await playBack(hub, 'recording-of-202', member),
  ]
  expect(await statuses(first)).toEqual([200, 403])
  expect(await statuses(second)).toEqual([200, 200])
  expect(await statuses(third)).toEqual([403, 403])
})
