import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { agentId, recordingId, type AgentSettings, type HubToAgent } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import { trueHeader, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import { openRecordingStore } from '../../src/recordings/recordingStore.ts'
import { createAgentReplication } from '../../src/sockets/agentReplication.ts'

const NAME = 'recording-1'
const ID = recordingId.parse(NAME)
const settings = {
  consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1, text: '' },
  country: 'FR',
  optOut: { extensions: [], numbers: [] },
} as unknown as AgentSettings // replication reads nothing else

/** Sets up a hub with a whole call whose end and seal the agent lost in a power cut; the agent completes it with part 2. */
async function aSealThatComesAgain({ done }: { done: boolean }) {
  const clock = createFakeClock()
  const store = await openRecordingStore({
    folder: '/hub',
    fs: createFakeDisk().fs,
    clock,
    masterKey: createMasterKey(randomBytes(32)),
  })
  const sent: HubToAgent[] = []
  const replication = createAgentReplication({
    recordings: store,
    settings: () => settings,
    isSafe: () => done && store.state(ID)?.sealed === true,
    onRecords: () => undefined,
    extension: '201',
    send: (message) => sent.push(message),
    agentId: agentId.parse('agent-camille'),
    ids: [agentId.parse('agent-camille')],
    callOf: () => undefined,
    foreign: { note: () => undefined },
    ownership: { refusalOf: () => Promise.resolve(undefined) },
    holdReading: () => () => undefined,
    erase: () => Promise.resolve(),
  })
  await store.openPart(trueHeader(NAME))
  store.append(
    { recordingId: ID, part: 1 },
    Array.from({ length: 21 }, (_, n) => trueRecord(NAME, 1, n, 20)),
  )
  await clock.advance(1_000)
  await replication.open(2, trueHeader(NAME, 2, 10))
  return { store, sent: sent.map(({ kind }) => kind) }
}

describe('a seal that an agent lost in a power cut and sends again', () => {
  it('[R4] [R6] accepts a lost seal that comes again as a part of its own, while the recording is not transcribed', async () => {
    const { store, sent } = await aSealThatComesAgain({ done: false })
    expect(sent).toEqual(['part-position', 'records-flushed'])
    store.append({ recordingId: ID, part: 2 }, [trueRecord(NAME, 2, 0, 0)])
    expect(store.state(ID)).toMatchObject({ sealed: true, parts: [{ position: 21 }, { position: 1 }] })
  })

  it('[R9] answers recording-safe to a seal that comes again once the recording is transcribed: an empty part after the seal would leave it incomplete forever', async () => {
    const { store, sent } = await aSealThatComesAgain({ done: true })
    expect(sent).toEqual(['recording-safe'])
    expect(store.state(ID)).toMatchObject({ sealed: true, parts: [{ position: 21 }] })
  })
})
