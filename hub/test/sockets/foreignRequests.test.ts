import { MINUTE_MS } from '@3cx-ninja/protocol'
import { expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createForeignRequests } from '../../src/sockets/foreignRequests.ts'
import { openTwoAgents } from '../../testing/twoAgents.ts'

it('writes one line a minute of what an agent asks of others’ things, and how many it left out', async () => {
  const clock = createFakeClock()
  const lines: object[] = []
  const write = (fields: object, event: string) => void lines.push({ ...fields, event })
  const log = { debug: write, info: write, warn: write, error: write }
  const foreign = createForeignRequests({ clock, log })
  const note = (agentId: string) =>
    foreign.note('recording.erase-of-another-refused', agentId as never, { recordingId: 'recording-1' })
  for (let time = 0; time < 1_000; time += 1) note('agent-eve')
  note('agent-of-a-second-pc')
  expect(lines).toHaveLength(2)
  await clock.advance(MINUTE_MS)
  note('agent-eve')
  expect(lines.at(-1)).toMatchObject({ agentId: 'agent-eve', leftOut: 999, recordingId: 'recording-1' })
  await clock.advance(MINUTE_MS)
  note('agent-eve')
  expect(lines.at(-1)).not.toHaveProperty('leftOut')
})

it('names in the log who asked for a thing of another agent, and what it was', async () => {
  await using world = await openTwoAgents()
  const { hub, eve, alice, eveLink, call, header } = world
  eveLink.send({ kind: 'recording-erase', recordingId: header.recordingId })
  eveLink.send({ kind: 'call-report', call: { ...call, revision: 9 } })
  eveLink.send({ kind: 'part-open', stream: 9, header })
  const owner = { agentId: eve.id, owner: alice.id }
  expect((await hub.logged('recording.erase-of-another-refused')).fields).toMatchObject({ ...owner, recordingId: header.recordingId }) // prettier-ignore
  expect((await hub.logged('call.report-of-another-refused')).fields).toMatchObject({ ...owner, callId: call.callId }) // prettier-ignore
  expect((await hub.logged('recording.part-of-another-refused')).fields).toMatchObject({ agentId: eve.id, part: 1 }) // prettier-ignore
})
