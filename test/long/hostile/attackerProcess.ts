// One attacker in its own process: attacks the hub from its first line on stdin, for the ordered time.
import { readFile } from 'node:fs/promises'
import { seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { kinds } from './kinds.ts'
import { attackOrder } from './orders.ts'

const print = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`)
const order = attackOrder.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')))
const kind = kinds.find(({ name }) => name === order.kind)
if (!kind) throw new Error(`no such kind: ${order.kind}`)
process.on('uncaughtException', () => undefined) // a hub that cuts the attacker off does not end the attack
print({ attacker: 'ready' })
process.stdin.once('data', () => void run(kind.attack))

async function run(attack: (typeof kinds)[number]['attack']): Promise<void> {
  const signal = AbortSignal.timeout(order.seconds * 1_000)
  const startMs = performance.now()
  let attempts = 0
  const over = () => {
    print({ attacker: 'over', attempts, seconds: (performance.now() - startMs) / 1_000 })
    process.exit(0)
  }
  signal.addEventListener('abort', () => setTimeout(over, 500))
  await attack({
    hub: new URL(order.hub),
    ca: await readFile(order.caFile, 'utf8'),
    token: order.token,
    random: seededRandom(order.seed),
    signal,
    count: (more = 1) => void (attempts += more),
  })
}
