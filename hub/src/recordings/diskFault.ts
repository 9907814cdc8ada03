import { errorCode, isDiskFull } from '@3cx-ninja/recording-log/fileSystem.ts'

export interface DiskFault {
  readonly kind: 'disk-full' | 'handles' | 'io' | 'none'
  readonly detail: string
  readonly remedy: string
}

/** Where the disk refused; each source reports by itself when it works again. */
export type FaultSource = 'journal' | 'parts' | 'opening' | 'reserve'

export interface DiskFaults {
  /** Records the refusal of one source, or with undefined that the source works again; calls `onChange` for a new joint state. */
  report(source: FaultSource, error: Error | DiskFault | undefined): void
  has(source: FaultSource): boolean
  /** Returns the joint state of this moment; undefined: every source works. */
  current(): DiskFault | undefined
}

/** Joins the reports of several sources into one state of the disk, and calls `onChange` whenever its kind changes. */
export function createDiskFaults(folder: string, onChange: (fault: DiskFault) => void): DiskFaults {
  const faults = new Map<FaultSource, DiskFault>()
  let reported: DiskFault['kind'] = 'none'
  const current = () => [...faults.values()].sort((a, b) => a.kind.localeCompare(b.kind))[0]
  return {
    report(source, error) {
      if (error) faults.set(source, error instanceof Error ? describe(error, folder) : error)
      else faults.delete(source)
      const worst = current()
      if ((worst?.kind ?? 'none') === reported) return
      reported = worst?.kind ?? 'none'
      onChange(worst ?? { kind: 'none', detail: 'the disk works again', remedy: '' })
    },
    has: (source) => faults.has(source),
    current,
  }
}

/** Returns whether no handle was left, of the process or of the machine: then the disk is as it was. */
export function isOutOfHandles(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(errorCode(error))
}

/** Returns the fault of a disk on which only the reserve is left: recordings wait, everything else goes on. */
export function reserveFault(
  folder: string,
  { freeBytes, reserveBytes }: { readonly freeBytes: number; readonly reserveBytes: number },
): DiskFault {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  return {
    kind: 'disk-full',
    detail: `only ${megabytes(freeBytes)} are free in ${folder}: no more sound is taken below ${megabytes(reserveBytes)}, which are kept for database, sign-in and drafts`,
    remedy:
      'Free space, lower retention.audioDays, or delete the recordings of an agent on the admin page; agents keep their recordings and send them by themselves.',
  }
}

function describe(error: Error, folder: string): DiskFault {
  if (isDiskFull(error)) {
    return {
      kind: 'disk-full',
      detail: `no space left in ${folder}`,
      remedy:
        'Free space or move the data folder; agents keep their recordings and send them again by themselves.',
    }
  }
  if (isOutOfHandles(error)) {
    return {
      kind: 'handles',
      detail: `no more files can be opened (${errorCode(error)}): this is no fault of the disk`,
      remedy:
        'Raise the limit of open files (LimitNOFILE of the service, ulimit -n); agents keep their recordings meanwhile.',
    }
  }
  return {
    kind: 'io',
    detail: `${folder}: ${error.message}`,
    remedy: 'Check the disk; agents keep their recordings meanwhile.',
  }
}
