import { imageOf, isSoftphoneImage, isSoftphonePackage, type Softphones } from './softphones.ts'

/**
 * One key below `CapabilityAccessManager\ConsentStore\microphone` as it stands in the registry: when a program took and let go
 * of the microphone, as FILETIME (100 ns since 1601, UTC). Undefined: the value is missing or no REG_QWORD.
 */
export interface ConsentKey {
  /** Package family name; below NonPackaged the program's path with `#` for `\`. */
  readonly name: string
  readonly packaged: boolean
  readonly start: bigint | undefined
  readonly stop: bigint | undefined
}

/** A softphone holds the microphone since then. */
export interface MicrophoneUse {
  /** Which one: package family, or file name in lower case. Never a path, which holds the user's name. */
  readonly app: string
  readonly sinceMs: number
  /** File name to look for among the processes; undefined for a package, whose process has any name. */
  readonly image?: string
}

/** A program that used the microphone, for whoever looks for the telephone's name. */
export interface MicrophoneProgram {
  /** As the settings name it: file name, or package family. */
  readonly name: string
  /** When it took the microphone last. */
  readonly usedAtMs: number
  readonly inUse: boolean
  /** Counts as the telephone. */
  readonly counts: boolean
}

/** Nobody looks further down the list. */
const MOST_PROGRAMS = 12

const FILETIME_OF_1970_MS = 11_644_473_600_000n

export function filetimeMs(filetime: bigint): number {
  return Number(filetime / 10_000n - FILETIME_OF_1970_MS)
}

export interface ConsentContext {
  readonly softphones: Softphones
  /** Wall-clock time at which Windows started, with tolerance. Older entries without an end are left from a power cut. */
  readonly bootMs: number
  /** Images of running processes in lower case; undefined where they cannot be told: then nothing is ruled out. */
  readonly running: ReadonlySet<string> | undefined
}

/**
 * Which softphones hold the microphone now: taken, and not let go of (0) or taken again after it. Windows keeps one entry per
 * program, so several windows of one softphone are one use.
 */
export function microphoneUses(
  keys: readonly ConsentKey[],
  context: ConsentContext,
): readonly MicrophoneUse[] {
  const uses = new Map<string, MicrophoneUse>()
  for (const key of keys) {
    const use = useOf(key, context)
    const known = use && uses.get(use.app)
    // An update of the client leaves entries of its older paths: the newest use counts.
    if (use && (!known || known.sinceMs < use.sinceMs)) uses.set(use.app, use)
  }
  return [...uses.values()]
}

function useOf(
  { name, packaged, start, stop }: ConsentKey,
  { softphones, bootMs, running }: ConsentContext,
): MicrophoneUse | undefined {
  if (start === undefined || start <= 0n || (stop !== undefined && stop !== 0n && stop >= start))
    return undefined
  const sinceMs = filetimeMs(start)
  if (sinceMs < bootMs) return undefined
  if (packaged) return isSoftphonePackage(name, softphones) ? { app: name.slice(0, 120), sinceMs } : undefined
  const image = imageOf(name.replaceAll('#', '\\'))
  if (!isSoftphoneImage(image, softphones) || running?.has(image) === false) return undefined
  return { app: image, sinceMs, image }
}

/** Programs that used the microphone, the newest first, each once; not ourselves. */
export function microphonePrograms(
  keys: readonly ConsentKey[],
  { bootMs, running, softphones }: ConsentContext,
): readonly MicrophoneProgram[] {
  const programs = new Map<string, MicrophoneProgram>()
  for (const { name: key, packaged, start, stop } of keys) {
    if (start === undefined || start <= 0n) continue
    const name = (packaged ? key : key.slice(key.lastIndexOf('#') + 1)).slice(0, 120)
    const image = name.toLowerCase()
    if (image === softphones.own?.toLowerCase()) continue
    const usedAtMs = filetimeMs(start)
    const isOpen = stop === undefined || stop === 0n || stop < start
    const inUse = isOpen && usedAtMs >= bootMs && (packaged || running?.has(image) !== false)
    const counts = packaged ? isSoftphonePackage(name, softphones) : isSoftphoneImage(name, softphones)
    const known = programs.get(image)
    if (!known || known.usedAtMs < usedAtMs) programs.set(image, { name, usedAtMs, inUse, counts })
  }
  return [...programs.values()].sort((a, b) => b.usedAtMs - a.usedAtMs).slice(0, MOST_PROGRAMS)
}
