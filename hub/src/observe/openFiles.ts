import { readFileSync, readdirSync } from 'node:fs'

/** Open files of this process, and how many it may have. undefined: the machine does not say. */
export interface OpenFiles {
  readonly used: number | undefined
  readonly limit: number | undefined
}

/** Returns the soft limit of open files of this process, by Linux's own account; undefined on other systems. */
export function openFilesLimit(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return line ? Number(line[1]) : undefined
  } catch {
    return undefined // no Linux
  }
}

/** Returns the open files of this moment. Reading them takes one itself: where none is free, all of them are used. */
export function openFiles(limit: number | undefined): OpenFiles {
  try {
    return { used: readdirSync('/proc/self/fd').length, limit }
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && error.code === 'EMFILE'
    return { used: isFull ? limit : undefined, limit }
  }
}
