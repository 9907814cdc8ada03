import { isDiskFull } from '@3cx-ninja/recording-log/fileSystem.ts'

export interface DiskFault {
  readonly kind: 'disk-full' | 'io' | 'none'
  readonly detail: string
  readonly remedy: string
}

/** Where the disk refused: each place tells by itself when it works again. */
export type FaultSource = 'journal' | 'parts' | 'opening'

/** Joins what several places say about the disk into one state; tells it when it changes. */
export function createDiskFaults(folder: string, tell: (faults: DiskFault) => void) {
  const faults = new Map<FaultSource, DiskFault>()
  let told: DiskFault['kind'] = 'none'
  return {
    report(source: FaultSource, error: Error | undefined): void {
      if (error) faults.set(source, describe(error, folder))
      else faults.delete(source)
      const worst = [...faults.values()].sort((a, b) => a.kind.localeCompare(b.kind))[0]
      if ((worst?.kind ?? 'none') === told) return
      told = worst?.kind ?? 'none'
      tell(worst ?? { kind: 'none', detail: 'the disk works again', remedy: '' })
    },
    has: (source: FaultSource) => faults.has(source),
  }
}

function describe(error: Error, folder: string): DiskFault {
  if (isDiskFull(error)) {
    return {
      kind: 'disk-full',
      detail: `no space left in ${folder}`,
      remedy: 'Free space or move the data folder; agents keep their recordings and go on by themselves.',
    }
  }
  return {
    kind: 'io',
    detail: `${folder}: ${error.message}`,
    remedy: 'Check the disk; agents keep their recordings meanwhile.',
  }
}
