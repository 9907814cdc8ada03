import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../protocol/testing/fakeClock.ts'
import { abortableSleep } from '../src/abortableSleep.ts'
import { createKeyedMutex } from '../src/keyedMutex.ts'
import { createSerialQueue } from '../src/serialQueue.ts'

function aGate() {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  return { promise, open: () => resolve(undefined) }
}

describe('the serial queue', () => {
  it('runs work in order, one piece at a time, also after a rejection', async () => {
    const queue = createSerialQueue()
    const gate = aGate()
    const started: string[] = []
    const first = queue.run(async () => {
      started.push('first')
      await gate.promise
      throw new Error('first failed')
    })
    const second = queue.run(() => started.push('second'))
    await Promise.resolve()
    expect(started).toEqual(['first'])
    gate.open()
    await expect(first).rejects.toThrow('first failed')
    await second
    await queue.idle()
    expect(started).toEqual(['first', 'second'])
  })
})

describe('the keyed mutex', () => {
  it('serializes work of one key and lets other keys pass', async () => {
    const mutex = createKeyedMutex<string>()
    const gate = aGate()
    const done: string[] = []
    const blocked = mutex.run('a', async () => {
      await gate.promise
      done.push('a1')
    })
    const behind = mutex.run('a', () => done.push('a2'))
    await mutex.run('b', () => done.push('b'))
    expect(done).toEqual(['b'])
    gate.open()
    await Promise.all([blocked, behind, mutex.idle()])
    expect(done).toEqual(['b', 'a1', 'a2'])
  })
})

describe('the abortable sleep', () => {
  it('ends by the clock', async () => {
    const clock = createFakeClock()
    let isOver = false
    const sleep = abortableSleep(clock, 1_000).then(() => (isOver = true))
    await clock.advance(999)
    expect(isOver).toBe(false)
    await clock.advance(1)
    await sleep
  })

  it('ends at once by its signal, before and during the wait', async () => {
    const clock = createFakeClock()
    const abort = new AbortController()
    const sleep = abortableSleep(clock, 1_000, abort.signal)
    abort.abort()
    await sleep
    await abortableSleep(clock, 1_000, abort.signal)
  })
})
