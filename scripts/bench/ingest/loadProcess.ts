// Simulated agents in their own process: opens all, waits for 'go' on stdin, sends at a fixed rate regardless of the
// answers, and reports the delay of each acknowledgement on stdout.
import { readFile } from 'node:fs/promises'
import { createHistogram } from '../statistics.ts'
import { loadOrder, type LoadOrder, type LoadResult } from './messages.ts'
import { openSimulatedAgent, type SimulatedAgent } from './simulatedAgent.ts'

/** Connections opened at a time: the bench does not measure a storm of connections. */
const OPENING = 24
/** A frame without an answer this long after the last one counts as missing. */
const PATIENCE_MS = 3_000

const print = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`)

const order = loadOrder.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')))
const answer = createHistogram()
const late = createHistogram()
let acknowledged = 0
let closed = 0
const agents = await openAll(order)
print({ load: 'ready' })
process.stdin.once('data', () => void run(order))

async function openAll({ tokens, first, caFile, ...each }: LoadOrder): Promise<SimulatedAgent[]> {
  const ca = await readFile(caFile, 'utf8')
  const opened: SimulatedAgent[] = []
  const waiting = tokens.map((token, index) => ({ token, number: first + index }))
  const openSome = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      opened.push(
        await openSimulatedAgent({
          ...each,
          ...next,
          ca,
          onAnswer(afterMs) {
            acknowledged += 1
            answer.add(afterMs)
          },
          onClosed: () => (closed += 1),
        }),
      )
  }
  await Promise.all(Array.from({ length: OPENING }, openSome))
  return opened
}

async function run({ framesPerSecond, warmUpSeconds, measureSeconds }: LoadOrder): Promise<void> {
  const everyMs = 1_000 / (framesPerSecond * agents.length) // spread evenly, as calls are
  const warmUpMs = warmUpSeconds * 1_000
  const endMs = warmUpMs + measureSeconds * 1_000
  const startMs = performance.now()
  let frames = 0
  let sent = 0
  await new Promise<void>((resolve) => {
    const beat = setInterval(() => {
      const nowMs = performance.now() - startMs
      for (; frames * everyMs <= nowMs; frames++) {
        const dueMs = frames * everyMs
        if (dueMs >= endMs) {
          clearInterval(beat)
          return resolve()
        }
        const measured = dueMs >= warmUpMs
        if (measured && sent === 0) print({ load: 'measuring' })
        agents[frames % agents.length]?.sendFrame(measured)
        if (!measured) continue
        sent += 1
        late.add(nowMs - dueMs)
      }
    }, 1)
  })
  print({ load: 'sent' })
  const giveUpMs = performance.now() + PATIENCE_MS
  while (agents.some((agent) => agent.outstanding() > 0) && performance.now() < giveUpMs)
    await new Promise((resolve) => setTimeout(resolve, 10))
  const result: LoadResult = {
    load: 'measured',
    sent,
    acknowledged,
    closed,
    answer: answer.counts().map(([index, count]) => [index, count]),
    late: late.counts().map(([index, count]) => [index, count]),
  }
  print(result)
  for (const agent of agents) agent.close()
  process.stdin.destroy()
}
