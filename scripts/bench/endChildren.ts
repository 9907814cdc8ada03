import { readFile, readdir } from 'node:fs/promises'

/** Ends every process that this one started, with their own children, so that none survives Ctrl-C. Needs /proc. */
export async function endChildren(): Promise<void> {
  const children = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    const parent = /^\d+$/.test(name) ? await parentOf(Number(name)) : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const end = (pid: number) => {
    for (const child of children.get(pid) ?? []) {
      end(child)
      try {
        process.kill(child, 'SIGKILL')
      } catch {
        // it has ended meanwhile
      }
    }
  }
  end(process.pid)
}

async function parentOf(pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined // it has ended meanwhile
  }
}
