import { errorCode, isDiskFull } from '@3cx-ninja/recording-log/fileSystem.ts'

export interface DiskFault {
  readonly kind: 'disk-full' | 'handles' | 'io' | 'none'
  readonly detail: string
  readonly remedy: string
}

/** Where the disk refused; each source reports by itself when it works again. */
export type FaultSource = 'journal' | 'parts' | 'opening'

export interface DiskFaults {
  /** Records the refusal of one source, or with undefined that the source works again; calls `onChange` for a new joint state. */
  report(source: FaultSource, error: Error | undefined): void
  has(source: FaultSource): boolean
}

/** Joins the reports of several sources into one state of the disk, and calls `onChange` whenever its kind changes. */
export function createDiskFaults(folder: string, onChange: (fault: DiskFault) => void): DiskFaults {
  const faults = new Map<FaultSource, DiskFault>()
  let reported: DiskFault['kind'] = 'none'
  return {
    report(source, error) {
      if (error) faults.set(source, describe(error, folder))
      else faults.delete(source)
      const worst = [...faults.values()].sort((a, b) => a.kind.localeCompare(b.kind))[0]
      if ((worst?.kind ?? 'none') === reported) return
      reported = worst?.kind ?? 'none'
      onChange(worst ?? { kind: 'none', detail: 'the disk works again', remedy: '' })
    },
    has: (source) => faults.has(source),
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
  if (['EMFILE', 'ENFILE'].includes(errorCode(error))) {
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
