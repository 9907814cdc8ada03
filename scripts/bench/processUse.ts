import { readFile } from 'node:fs/promises'

/** CPU time and memory of a process so far, as counted by Linux. */
export interface Use {
  readonly cpuSeconds: number
  readonly rssBytes: number
}

/** USER_HZ is 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4_096

/** Processor time and memory of another process. Rejects where there is no /proc (macOS, Windows), or no such process. */
export async function useOf(pid: number): Promise<Use> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in brackets, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number)
  return {
    cpuSeconds: ((user ?? 0) + (system ?? 0)) / TICKS_PER_SECOND,
    rssBytes: (pages ?? 0) * PAGE_BYTES,
  }
}

export interface Watch {
  /** From start to now: processor seconds per second of time, and the largest memory seen. */
  end(): Promise<{ readonly cores: number; readonly maxRssBytes: number }>
}

/** Watches a process from now on; looks at its memory four times a second. */
export async function watchUse(pid: number): Promise<Watch> {
  const begun = await useOf(pid)
  const begunMs = performance.now()
  let maxRssBytes = begun.rssBytes
  const sampling = setInterval(() => {
    useOf(pid).then(
      ({ rssBytes }) => (maxRssBytes = Math.max(maxRssBytes, rssBytes)),
      () => clearInterval(sampling), // the process has ended; `end` reports it
    )
  }, 250)
  return {
    async end() {
      clearInterval(sampling)
      const ended = await useOf(pid)
      return {
        cores: (ended.cpuSeconds - begun.cpuSeconds) / ((performance.now() - begunMs) / 1_000),
        maxRssBytes: Math.max(maxRssBytes, ended.rssBytes),
      }
    },
  }
}
