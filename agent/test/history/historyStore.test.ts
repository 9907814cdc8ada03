import { randomBytes } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { callId, DAY_MS, type CallId } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { historyTuning, openHistory } from '../../src/main/history/historyStore.ts'
import type { KeptCall } from '../../src/main/history/keptCall.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { aCallReport, aDraft, someLines, START_MS } from '../../testing/desk/deskBuilders.ts'
import { aFolder } from '../../testing/sounds.ts'

const words = (text: string): KeptCall['lines'] => [
  {
    kind: 'words',
    id: 'utterance-1',
    speaker: 'caller',
    state: 'final',
    part: 1,
    fromMs: 0,
    toMs: 1_000,
    text,
  },
]

const aKeptCall = (key: string, changes: Partial<KeptCall> = {}): KeptCall => ({
  version: 1,
  call: aCallReport({
    callId: callId.parse(`call-${key}`),
    phase: 'done',
    startedAtMs: START_MS + Number(key) * 60_000,
  }),
  lines: words(`words of ${key}`),
  changedAtMs: START_MS,
  ...changes,
})

async function aSetup() {
  const folder = await aFolder()
  const needs = {
    folder: path.join(folder.path, 'history'),
    masterKey: createMasterKey(randomBytes(32)),
    clock: createFakeClock(START_MS),
    log: silentLogger,
    country: () => 'FR',
  }
  return {
    needs,
    open: (more = {}) => openHistory({ ...needs, ...more }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

const all = { words: '', skip: 0, limit: 100 }
const found = async (history: ReturnType<typeof openHistory>, text: string) =>
  (await history.search({ ...all, words: text })).calls.map((call) => call.callId)

describe('the history on this PC', () => {
  it('the history holds calls over a restart, newest first', async () => {
    await using setup = await aSetup()
    const before = setup.open()
    for (const key of ['0001', '0003', '0002']) await before.keep(aKeptCall(key))
    expect(await found(setup.open(), '')).toEqual(['call-0003', 'call-0002', 'call-0001'])
  })

  it('the history on disk shows no word and no name without the key', async () => {
    await using setup = await aSetup()
    await setup.open().keep(aKeptCall('0001', { lines: words('mot de passe') }))
    for (const name of await readdir(setup.needs.folder)) {
      const text = await readFile(path.join(setup.needs.folder, name), 'utf8')
      expect(text).not.toMatch(/passe|Girard|0112233/)
    }
  })

  it('the history keeps the newest version of a call that was saved again and again', async () => {
    await using setup = await aSetup()
    const history = setup.open()
    await Promise.all(['a', 'b', 'c'].map((text) => history.keep(aKeptCall('0001', { lines: words(text) }))))
    expect((await setup.open().open('call-0001' as CallId))?.lines).toEqual(words('c'))
  })

  it('the history loses one call, and reports it, when its file is damaged or was swapped for another call’s', async () => {
    await using setup = await aSetup()
    const before = setup.open()
    for (const key of ['0001', '0002', '0003']) await before.keep(aKeptCall(key))
    const file = (key: string) => path.join(setup.needs.folder, `call-${key}.json`)
    await writeFile(file('0001'), '{"masterKeyId":')
    await writeFile(file('0002'), await readFile(file('0003')))
    const logged: string[] = []
    const log = { ...silentLogger, warn: (_: unknown, event: string) => void logged.push(event) }
    expect(await found(setup.open({ log }), '')).toEqual(['call-0003'])
    expect(logged.sort()).toEqual(['history.broken', 'history.unreadable'])
  })

  it('the history expires calls older than 90 days, and evicts the oldest above its limit', async () => {
    await using setup = await aSetup()
    const before = setup.open()
    for (const key of ['0001', '0002', '0003']) await before.keep(aKeptCall(key))
    expect(await found(setup.open({ tuning: { ...historyTuning, maxCalls: 2 } }), '')).toEqual([
      'call-0003',
      'call-0002',
    ])
    await setup.needs.clock.advance(91 * DAY_MS)
    expect(await found(setup.open(), '')).toEqual([])
    expect(await readdir(setup.needs.folder)).toEqual([])
  })

  it('the history finds its calls by the hub’s ids after a restart', async () => {
    await using setup = await aSetup()
    const canonicalId = callId.parse('canon-0001')
    await setup.open().keep(aKeptCall('0001', { canonicalId }))
    expect([...(await setup.open().localIds())]).toEqual([[canonicalId, 'call-0001']])
  })

  it('the history opens empty in a fresh folder', async () => {
    await using setup = await aSetup()
    expect(await setup.open().search(all)).toEqual({ calls: [], total: 0 })
  })
})

describe('the search', () => {
  async function aSearch() {
    const setup = await aSetup()
    const history = setup.open()
    await history.keep(aKeptCall('0001', { lines: [...someLines] }))
    await history.keep(aKeptCall('0002', { lines: words('Le VPN coupe toutes les dix minutes.') }))
    await history.keep(
      aKeptCall('0003', {
        lines: [],
        caller: { match: 'one', contactName: 'Hélène Morvan', organizationName: 'Armor Plus' },
        draft: aDraft(
          { at: 'filed', ticketId: '48213', filedAtMs: 1_767_225_600_000 },
          { fields: { ...aDraft().fields, title: 'Clavier cassé', description: '' } },
        ),
      }),
    )
    return { history, [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose]() }
  }

  it.each([
    ['imprimante', ['call-0001']],
    ['IMPRIMANTE deja', ['call-0001']],
    ['imprimante vpn', []],
    ['helene', ['call-0003']],
    ['armor', ['call-0003']],
    ['48213', ['call-0003']],
    ['clavier', ['call-0003']],
    ["l'arriere", ['call-0001']],
    ['02 40 11 22 33', ['call-0003', 'call-0002', 'call-0001']],
    ['+33240112233', ['call-0003', 'call-0002', 'call-0001']],
    ['nothing like it', []],
  ])('a search for « %s » finds %j', async (text, expected) => {
    await using setup = await aSearch()
    expect(await found(setup.history, text)).toEqual(expected)
  })

  it('a search shows the words around the match, in their own spelling', async () => {
    await using setup = await aSearch()
    const { calls } = await setup.history.search({ ...all, words: 'coupe' })
    expect(calls[0]?.found).toBe('Le VPN coupe toutes les dix minutes.')
  })

  it('a search gives a page at a time and the total', async () => {
    await using setup = await aSearch()
    const page = await setup.history.search({ words: '', skip: 1, limit: 1 })
    expect([page.total, page.calls.map(({ callId: id }) => id)]).toEqual([3, ['call-0002']])
  })
})
