import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { callId, recordingId, type CallSnapshot } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { openCallStore } from '../../src/main/call/callStore.ts'
import { aFolder } from '../../testing/sounds.ts'

const ID = callId.parse('call-00001')
const RECORDING = recordingId.parse('recording-1')
const aCall = (change: Partial<CallSnapshot> = {}): CallSnapshot => ({
  callId: ID,
  revision: 1,
  phase: 'talking',
  direction: 'inbound',
  extension: '201',
  startedAtMs: 1_767_225_600_000,
  recording: 'recording',
  ...change,
})
const masterKey = createMasterKey(Buffer.alloc(32, 7))
const open = (folder: string) =>
  openCallStore({ path: path.join(folder, 'calls.json'), masterKey, onBroken: () => undefined })

describe('reports of calls', () => {
  it('[C1] reports of calls are kept over restarts, the newest revision of each, until the hub has stored it', async () => {
    await using folder = await aFolder()
    const store = await open(folder.path)
    await store.report(aCall({ revision: 1 }))
    await store.report(aCall({ revision: 2, phase: 'held' }))
    const again = await open(folder.path)
    expect(again.unstored()).toEqual([aCall({ revision: 2, phase: 'held' })])
    await again.stored(ID, 1)
    expect(again.unstored()).toHaveLength(1)
    await again.stored(ID, 2)
    expect((await open(folder.path)).unstored()).toEqual([])
  })

  it('[C2] a report is kept while its call is on, and dropped once the call is over and the hub has all of it', async () => {
    await using folder = await aFolder()
    const store = await open(folder.path)
    await store.report(aCall())
    await store.stored(ID, 1)
    expect((await open(folder.path)).calls()).toHaveLength(1)
    await store.report(aCall({ revision: 2, phase: 'done' }))
    expect((await open(folder.path)).unstored()).toHaveLength(1)
    await store.stored(ID, 1) // an older answer arrives late
    expect(store.calls()).toHaveLength(1)
    await store.stored(ID, 2)
    expect((await open(folder.path)).calls()).toEqual([])
  })

  it('a report keeps the id that the hub uses for its call', async () => {
    await using folder = await aFolder()
    const store = await open(folder.path)
    const canonical = callId.parse('canon-00001')
    await store.report(aCall())
    await store.identified(ID, canonical)
    const again = await open(folder.path)
    expect(again.ownId(canonical)).toBe(ID)
    expect(again.ownId(callId.parse('canon-00002'))).toBe('canon-00002')
  })
})

describe('[R10] erasures', () => {
  it('erasures are kept over restarts until the hub reports them done, once each', async () => {
    await using folder = await aFolder()
    const store = await open(folder.path)
    await store.mustErase(RECORDING)
    await store.mustErase(RECORDING)
    const again = await open(folder.path)
    expect(again.erasures()).toEqual([RECORDING])
    await again.erased(RECORDING)
    expect((await open(folder.path)).erasures()).toEqual([])
  })

  it('erasures and reports stored at the same time are both kept', async () => {
    await using folder = await aFolder()
    const store = await open(folder.path)
    await Promise.all([
      store.report(aCall()),
      store.mustErase(RECORDING),
      store.report(aCall({ revision: 2 })),
      store.identified(ID, callId.parse('canon-00001')),
    ])
    const again = await open(folder.path)
    expect(again.erasures()).toEqual([RECORDING])
    expect(again.calls()).toMatchObject([{ call: { revision: 2 }, canonicalId: 'canon-00001' }])
  })
})

it('a damaged call store is moved aside and reported; calls go on', async () => {
  await using folder = await aFolder()
  await folder.file('calls.json', '{"version":1,"calls":[{"call":{"callId":"')
  const broken: string[] = []
  const store = await openCallStore({
    masterKey,
    path: path.join(folder.path, 'calls.json'),
    onBroken: ({ keptAs }) => void broken.push(path.basename(keptAs)),
  })
  expect(broken).toEqual(['calls.json.broken'])
  await store.report(aCall())
  expect((await open(folder.path)).calls()).toHaveLength(1)
})

it('the file of open calls holds no name and no number in clear, also where an earlier version wrote it so', async () => {
  await using folder = await aFolder()
  const call = aCall({ remoteNumber: '+33240112233', remoteName: 'Menuiserie Lambert' })
  const clear = { version: 1, calls: [{ call, storedRevision: -1 }], erasures: [RECORDING] }
  await folder.file('calls.json', JSON.stringify(clear))
  const store = await open(folder.path)
  expect(store.unstored()).toEqual([call])
  const text = async () => readFile(path.join(folder.path, 'calls.json'), 'utf8')
  expect(await text()).not.toMatch(/40112233|Lambert/)
  await store.report({ ...call, revision: 2 })
  expect(await text()).not.toMatch(/40112233|Lambert/)
  expect((await open(folder.path)).unstored()).toEqual([{ ...call, revision: 2 }])
})
