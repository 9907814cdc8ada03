import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { agentId, callId, recordingId, type BoardCall } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import { trueHeader, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import { openRecordingStore } from '../../src/recordings/recordingStore.ts'
import { createOwnership } from '../../src/sockets/ownership.ts'

const NAME = 'recording-1'
const ID = recordingId.parse(NAME)
const ALICE = agentId.parse('agent-alice')
const EVE = agentId.parse('agent-eve')
const OTHER_CALL = callId.parse('another-call')

function aDisk() {
  const needs = { folder: '/hub', fs: createFakeDisk().fs, clock: createFakeClock(), masterKey: createMasterKey(randomBytes(32)) } // prettier-ignore
  return { open: () => openRecordingStore(needs) }
}
/** Returns the header as a hub before rule R15 stored it, or with an owner. */
const header = (part = 1, owner?: typeof ALICE) => ({
  ...trueHeader(NAME, part),
  ...(owner ? { agentId: owner } : {}),
})

describe('[R15] a recording belongs to the agent that opened its first part', () => {
  it('stores the owner with the part: also after a start, every part comes from the same agent and of the same call', async () => {
    const disk = aDisk()
    const first = await disk.open()
    await first.openPart(header(1, ALICE))
    first.append({ recordingId: ID, part: 1 }, [trueRecord(NAME, 1, 0)])
    await first.stop()
    const store = await disk.open()
    expect(store.state(ID)).toMatchObject({ agentId: ALICE, callId: header().callId })
    expect(store.ofCall(header().callId)).toEqual([ID])
    for (const part of [1, 2]) {
      expect(await store.openPart(header(part, EVE))).toEqual({ ok: false, reason: 'not-yours' })
      expect(await store.openPart(header(part))).toEqual({ ok: false, reason: 'not-yours' })
      expect(await store.openPart({ ...header(part, ALICE), callId: OTHER_CALL })).toEqual({ ok: false, reason: 'header-differs' }) // prettier-ignore
      expect(await store.openPart(header(part, ALICE))).toMatchObject({ ok: true })
    }
    await store.remove(ID, 'retention')
    expect(store.ofCall(header().callId)).toEqual([])
    await store.stop()
  })

  it('gives a recording of an older hub an owner with its next part', async () => {
    const disk = aDisk()
    const store = await disk.open()
    await store.openPart(header())
    expect(store.state(ID)?.agentId).toBeUndefined()
    expect(await store.openPart(header(2, ALICE))).toMatchObject({ ok: true })
    expect(store.state(ID)?.agentId).toBe(ALICE)
    expect(await store.openPart(header(3, EVE))).toEqual({ ok: false, reason: 'not-yours' })
    await store.stop()
  })
})

describe('[R15] the owner of a recording that an older hub stored', () => {
  async function anOldRecording({
    onBoard,
    inDatabase,
  }: {
    onBoard?: typeof ALICE
    inDatabase?: typeof ALICE
  }) {
    const store = await aDisk().open()
    await store.openPart(header())
    const { callId: id } = header()
    return createOwnership({
      calls: { find: () => (onBoard ? ({ callId: id, agentId: onBoard } as BoardCall) : undefined) }, // the fields it reads
      recordings: store,
      lookup: {
        ownerOf: () =>
          Promise.resolve(inDatabase && { callId: id, agentId: inDatabase, continuedBy: undefined }),
        ofRecording: () => Promise.resolve(undefined),
      },
      formerIds: () => Promise.resolve([]),
      onForeignRecording: () => undefined,
    })
  }

  it.each([
    ['its call on the board', { onBoard: ALICE }],
    ['its call in the database', { inDatabase: ALICE }],
  ])('is the agent of %s', async (_, of) => {
    const ownership = await anOldRecording(of)
    expect(await ownership.refusalOf([ALICE], header(2))).toBeUndefined()
    expect(await ownership.refusalOf([EVE], header(2))).toBe('not-yours')
    expect(await ownership.erasureOf([ALICE], ID)).toMatchObject({ ok: true })
    expect(await ownership.erasureOf([EVE], ID)).toEqual({ ok: false, owner: ALICE })
  })

  it('is nobody when no call of it is known: an unknown owner is a refusal', async () => {
    const ownership = await anOldRecording({})
    expect(await ownership.refusalOf([ALICE], header(2))).toBe('not-yours')
    expect(await ownership.erasureOf([ALICE], ID)).toEqual({ ok: false, owner: undefined })
  })
})
