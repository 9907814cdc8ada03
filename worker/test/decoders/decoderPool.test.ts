import { expect, test } from 'vitest'
import { createDecoderPool, type Piece } from '../../src/decoders/decoderPool.ts'
import { EngineBroken, EngineDown, type Engine, type Transcription } from '../../src/engines/enginePort.ts'
import { silentLog } from '../../src/log.ts'
import { aTranscription } from '../../testing/fakeRecognition.ts'

/** Decoders that answer when the test decides; each piece is identified by its language. */
function aPool(decoders: number, triesPerPiece = 3) {
  const running: {
    name: string
    answer: (text: string) => Promise<void>
    fail: (error: Error) => Promise<void>
  }[] = []
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  let stopped = 0
  const engine = (): Engine => ({
    transcribe: (_samples, { language }) =>
      new Promise<Transcription>((resolve, reject) =>
        running.push({
          name: language,
          answer: (text) => (resolve(aTranscription(text)), settle()),
          fail: (error) => (reject(error), settle()),
        }),
      ),
    stop: async () => void (stopped += 1),
  })
  const pool = createDecoderPool({
    engines: Array.from({ length: decoders }, engine),
    triesPerPiece,
    log: silentLog,
  })
  return { pool, running, names: () => running.map(({ name }) => name), stopped: () => stopped }
}
const piece = (name: string, signal = new AbortController().signal): Piece => ({
  samples: new Int16Array(160),
  language: name,
  prompt: '',
  audioContext: undefined,
  signal,
})

test('finals are decoded in their order, and before any partial that waits', async () => {
  const { pool, running, names } = aPool(1)
  const order: string[] = []
  const note = (name: string) => () => order.push(name)
  const all = [
    pool.final(piece('first')).then(note('first')),
    pool.partial(piece('partial'), {}).then(note('partial')),
    pool.final(piece('second')).then(note('second')),
    pool.final(piece('third')).then(note('third')),
  ]
  expect(pool.waiting()).toEqual({ finals: 2, partials: 1 })
  for (let index = 0; index < 4; index++) await running[index]?.answer('')
  await Promise.all(all)
  expect(names()).toEqual(['first', 'second', 'third', 'partial'])
  expect(order).toEqual(['first', 'second', 'third', 'partial'])
})

test('each decoder works at one piece at a time, all of them at once', async () => {
  const { pool, names, running } = aPool(2)
  const all = ['a', 'b', 'c'].map((name) => pool.final(piece(name)))
  expect(names()).toEqual(['a', 'b'])
  await running[1]?.answer('B')
  expect(names()).toEqual(['a', 'b', 'c'])
  await running[2]?.answer('C')
  await running[0]?.answer('A')
  expect((await Promise.all(all)).map((one) => one?.text)).toEqual(['A', 'B', 'C'])
})

test('of the partials of one channel only the newest waits', async () => {
  const { pool, running, names } = aPool(1)
  const busy = pool.final(piece('busy'))
  const [one, other] = [{}, {}]
  const old = pool.partial(piece('old'), one)
  const kept = pool.partial(piece('kept'), other)
  const newer = pool.partial(piece('newer'), one)
  expect(await old).toBeUndefined()
  await running[0]?.answer('')
  await running[1]?.answer('first')
  await running[2]?.answer('second')
  expect(await busy).toBeDefined()
  expect(names().sort()).toEqual(['busy', 'kept', 'newer'])
  expect([(await kept)?.text, (await newer)?.text].sort()).toEqual(['first', 'second'])
})

test('a final whose engine broke is tried again before the others, then given up', async () => {
  const { pool, running, names } = aPool(1, 2)
  const first = pool.final(piece('first'))
  const second = pool.final(piece('second'))
  await running[0]?.fail(new EngineBroken('crashed'))
  expect(names()).toEqual(['first', 'first'])
  await running[1]?.fail(new EngineBroken('crashed'))
  expect(await first).toBeUndefined()
  await running[2]?.answer('deux')
  expect((await second)?.text).toBe('deux')
})

test('a partial whose engine broke is not tried again', async () => {
  const { pool, running, names } = aPool(1)
  const partial = pool.partial(piece('partial'), {})
  await running[0]?.fail(new EngineBroken('crashed'))
  expect(await partial).toBeUndefined()
  expect(names()).toEqual(['partial'])
})

test('an engine that cannot run rejects its piece, and the other engines go on', async () => {
  const { pool, running } = aPool(1)
  const first = pool.final(piece('first'))
  const second = pool.final(piece('second'))
  const reported = expect(first).rejects.toThrow('no program')
  await running[0]?.fail(new EngineDown('no program'))
  await reported
  await running[1]?.answer('deux')
  expect((await second)?.text).toBe('deux')
})

test('a piece that was aborted while it waited is not decoded', async () => {
  const { pool, running, names } = aPool(1)
  const busy = pool.final(piece('busy'))
  const leaving = new AbortController()
  const left = pool.final(piece('left', leaving.signal))
  const reported = expect(left).rejects.toThrow('call erased')
  leaving.abort(new Error('call erased'))
  await running[0]?.answer('')
  await reported
  await busy
  expect(names()).toEqual(['busy'])
})

test('a stop rejects the waiting pieces and ends every engine', async () => {
  const { pool, stopped } = aPool(2)
  void pool.final(piece('a'))
  void pool.final(piece('b'))
  const waiting = [pool.final(piece('c')), pool.partial(piece('d'), {})]
  const reported = waiting.map((one) => expect(one).rejects.toThrow(EngineDown))
  await pool.stop()
  await Promise.all(reported)
  expect(stopped()).toBe(2)
})
