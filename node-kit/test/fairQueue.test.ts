import { expect, it } from 'vitest'
import { QueueStopped, createFairQueue } from '../src/fairQueue.ts'
import { createKeyedLanes } from '../src/keyedLanes.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

it('runs one piece of each client in turn, and the pieces of one client in order', async () => {
  const queue = createFairQueue<string>()
  const done: string[] = []
  const add = (client: string, number: number) =>
    queue.run(client, async () => {
      await turn()
      done.push(`${client}${number.toFixed(0)}`)
    })
  const flood = Array.from({ length: 50 }, (_, at) => add('a', at))
  const honest = [add('b', 0), add('b', 1), add('c', 0)]
  await Promise.all(honest)
  expect(done.filter((one) => one.startsWith('a')).length).toBeLessThanOrEqual(3)
  expect(done.filter((one) => !one.startsWith('a'))).toEqual(['b0', 'c0', 'b1'])
  await Promise.all(flood)
  expect(done.filter((one) => one.startsWith('a'))).toEqual(flood.map((_, at) => `a${at.toFixed(0)}`))
  expect(queue.waiting()).toBe(0)
})

it('goes on after work that rejects, and never runs two pieces at once', async () => {
  const queue = createFairQueue<number>()
  let running = 0
  let most = 0
  const work = async (fails: boolean) => {
    most = Math.max(most, (running += 1))
    await turn()
    running -= 1
    if (fails) throw new Error('disk full')
    return 'stored'
  }
  const outcomes = await Promise.allSettled(
    [1, 2, 1, 3].map((client, at) => queue.run(client, () => work(at === 1))),
  )
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(most).toBe(1)
})

it('ends at once, however much waits: the running piece ends, the rest is refused', async () => {
  const queue = createFairQueue<string>()
  let done = 0
  const first = queue.run('a', async () => {
    await turn()
    done += 1
  })
  const rest = Array.from({ length: 1_000 }, () => queue.run('a', () => (done += 1)))
  const refused = Promise.allSettled(rest)
  await turn()
  await queue.stop()
  await first
  expect(done).toBe(1)
  expect(
    (await refused).every((one) => one.status === 'rejected' && one.reason instanceof QueueStopped),
  ).toBe(true)
  await expect(queue.run('b', () => 1)).rejects.toThrow(QueueStopped)
})

it('bounds what one key has under way without delaying another key', async () => {
  const lanes = createKeyedLanes<string>(2)
  const running = new Map<string, number>()
  let most = 0
  const gates: (() => void)[] = []
  const work = async (key: string) => {
    running.set(key, (running.get(key) ?? 0) + 1)
    most = Math.max(most, running.get(key) ?? 0)
    await new Promise<void>((resolve) => gates.push(resolve))
    running.set(key, (running.get(key) ?? 0) - 1)
  }
  const all = Array.from({ length: 6 }, () => lanes.run('a', () => work('a')))
  all.push(lanes.run('b', () => work('b')))
  await turn()
  expect(Object.fromEntries(running)).toEqual({ a: 2, b: 1 })
  expect(lanes.count('a')).toBe(6)
  let isShort = false
  void lanes.below('a', 4).then(() => (isShort = true))
  while (lanes.count('a') > 3) {
    expect(isShort).toBe(false)
    gates.shift()?.()
    await turn()
  }
  await turn()
  expect(isShort).toBe(true)
  const idle = lanes.idle()
  while (lanes.count('a') + lanes.count('b') > 0) {
    gates.shift()?.()
    await turn()
  }
  await Promise.all([...all, idle])
  expect(most).toBe(2)
})
