import { readFile, readdir } from 'node:fs/promises'
import { SECOND_MS } from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'

/** Figures of one process while it was watched. */
export interface ProcessFigures {
  /** Share of one core, user and system. */
  readonly cpu: number
  /** Share of one core of its running children, such as recorders. */
  readonly children: number
  /** Resident memory: medians of the second and the last fifth of the time (the first fifth warms up), and its peak. */
  readonly memory: { readonly earlyMb: number; readonly lateMb: number; readonly peakMb: number }
}

const LOOK_MS = 5 * SECOND_MS
/** Clock ticks of /proc, which Linux fixes for programs independently of the kernel's own rate. */
const TICKS_PER_SECOND = 100

/** Starts to read /proc every few seconds, which costs the watched process nothing; `stop` resolves with the figures. */
export async function watchProcess(pid: number): Promise<{ stop(): Promise<ProcessFigures> }> {
  const startMs = systemClock.monotonicMs()
  const before = await cpuSeconds(pid)
  const beforeChildren = await childrenSeconds(pid)
  const memory: number[] = [await residentMb(pid)]
  let latest = Promise.resolve()
  let cancel: () => void = () => undefined
  const sample = () => {
    latest = residentMb(pid).then((mb) => void memory.push(mb))
    cancel = systemClock.after(LOOK_MS, sample)
  }
  cancel = systemClock.after(LOOK_MS, sample)
  return {
    async stop() {
      cancel()
      await latest
      memory.push(await residentMb(pid))
      const seconds = (systemClock.monotonicMs() - startMs) / SECOND_MS
      const fifth = Math.max(1, Math.floor(memory.length / 5))
      return {
        cpu: ((await cpuSeconds(pid)) - before) / seconds,
        children: ((await childrenSeconds(pid)) - beforeChildren) / seconds,
        memory: {
          earlyMb: median(memory.slice(fifth, 2 * fifth)),
          lateMb: median(memory.slice(-fifth)),
          peakMb: Math.max(...memory),
        },
      }
    },
  }
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

async function childrenSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`)
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  const children = lists.join(' ').split(/\s+/).filter(Boolean).map(Number)
  const seconds = await Promise.all(children.map((child) => cpuSeconds(child).catch(() => 0))) // the child has ended
  return seconds.reduce((sum, one) => sum + one, 0)
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
