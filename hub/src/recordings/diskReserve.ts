import type { Clock } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'

/** How full the disk of the recordings is, compared with what must stay free for everything else. */
export interface DiskRoom {
  readonly freeBytes: number
  readonly reserveBytes: number
}

/** The part of the disk that recordings may not take: database, sign-in and drafts go on in it. */
export interface DiskReserve {
  /** Returns whether recordings must wait: what is free, less what was accepted since it was measured, is below the reserve. */
  isReached(): boolean
  /** Returns the last measure; undefined before the first, and where the disk does not say. */
  room(): DiskRoom | undefined
  /** Counts bytes of sound that were accepted: a flood fills a disk between two measures. */
  accepted(bytes: number): void
  stop(): Promise<void>
}

export interface DiskReserveNeeds {
  readonly fs: FileSystem
  readonly folder: string
  readonly clock: Clock
  readonly everyMs: number
  /** The reserve that an administrator set; undefined: by the size of the disk. */
  readonly reserveBytes: () => number | undefined
  /** Called when the reserve is reached, and when there is room again. */
  readonly onChange: (room: DiskRoom, isReached: boolean) => void
}

const GIBIBYTE = 1_073_741_824
/** Sound goes to the journal and to its part's own file before the journal's copy is deleted. */
const COPIES = 2
/** Room again is so much more than the reserve: else each deleted file would let one frame in. */
const ROOM_AGAIN = 1.1

/** Returns what is kept free on a disk of this size: a gibibyte or a fiftieth, whichever is more, and a fifth of a small one. */
export function reserveOf(totalBytes: number): number {
  return Math.min(Math.max(GIBIBYTE, totalBytes / 50), totalBytes / 5)
}

/** Measures the disk, then again and again until `stop`. Resolves after the first measure; a disk that does not say has no reserve. */
export async function openDiskReserve(needs: DiskReserveNeeds): Promise<DiskReserve> {
  let room: DiskRoom | undefined
  let acceptedBytes = 0
  let isReached = false
  let isStopped = false
  let cancel: () => void = () => undefined
  const judge = () => {
    if (!room) return
    const left = room.freeBytes - acceptedBytes * COPIES
    const now = left < room.reserveBytes * (isReached ? ROOM_AGAIN : 1)
    if (now === isReached) return
    isReached = now
    needs.onChange({ ...room, freeBytes: Math.max(0, left) }, isReached)
  }
  const measure = async () => {
    try {
      const [freeBytes, totalBytes] = await Promise.all([
        needs.fs.freeBytes(needs.folder),
        needs.fs.totalBytes(needs.folder),
      ])
      room = { freeBytes, reserveBytes: needs.reserveBytes() ?? reserveOf(totalBytes) }
      acceptedBytes = 0
      judge()
    } catch {
      room = undefined // a disk that cannot be asked says why when it is written to
    }
  }
  let measuring = measure()
  const schedule = () => {
    if (isStopped) return
    cancel = needs.clock.after(needs.everyMs, () => {
      measuring = measure().finally(schedule)
    })
  }
  await measuring
  schedule()
  return {
    isReached: () => isReached,
    room: () => room,
    accepted(bytes) {
      acceptedBytes += bytes
      judge()
    },
    async stop() {
      isStopped = true
      cancel()
      await measuring
    },
  }
}
