import { imageOf, isSoftphoneImage, isSoftphonePackage, type Softphones } from './softphones.ts'

/**
 * One key below `CapabilityAccessManager\ConsentStore\microphone` as it stands in the registry: when a program acquired and
 * released the microphone, as FILETIME (100 ns since 1601, UTC). Undefined: the value is missing or no REG_QWORD.
 */
export interface ConsentKey {
  /** Package family name; below NonPackaged the program's path with `#` for `\`. */
  readonly name: string
  readonly packaged: boolean
  readonly start: bigint | undefined
  readonly stop: bigint | undefined
}

/** A use of the microphone by a softphone, which goes on. */
export interface MicrophoneUse {
  /** The softphone: package family, or file name in lower case. Never a path, which contains the user's name. */
  readonly app: string
  readonly sinceMs: number
  /** File name to find among the processes; undefined for a package, whose process may have any name. */
  readonly image?: string
}

/** A program that used the microphone, for the settings, where the telephone's name is chosen. */
export interface MicrophoneProgram {
  /** The name for the settings: file name, or package family. */
  readonly name: string
  /** When the program acquired the microphone last. */
  readonly usedAtMs: number
  readonly inUse: boolean
  /** The program counts as the telephone. */
  readonly counts: boolean
}

/** A longer list is not readable on the screen. */
const MOST_PROGRAMS = 12

const FILETIME_OF_1970_MS = 11_644_473_600_000n

/** Returns a Windows FILETIME (100 ns since 1601) as wall-clock ms since 1970. */
export function filetimeMs(filetime: bigint): number {
  return Number(filetime / 10_000n - FILETIME_OF_1970_MS)
}

/** The facts about this PC that a reading of the ConsentStore needs besides its entries. */
export interface ConsentContext {
  readonly softphones: Softphones
  /** Wall-clock time at which Windows started, with tolerance. Older entries without an end are left from a power cut. */
  readonly bootMs: number
  /** Images of running processes in lower case; undefined where Windows does not list them: then nothing is ruled out. */
  readonly running: ReadonlySet<string> | undefined
}

/**
 * Returns the softphones that use the microphone now: acquired, and not released (0) or acquired again after it. Windows keeps one entry per
 * program, so several windows of one softphone are one use.
 */
export function microphoneUses(
  keys: readonly ConsentKey[],
  context: ConsentContext,
): readonly MicrophoneUse[] {
  const uses = new Map<string, MicrophoneUse>()
  for (const key of keys) {
    const use = useOf(key, context)
    const newest = use && uses.get(use.app)
    // An update of the client leaves entries of its older paths: the newest use counts.
    if (use && (!newest || newest.sinceMs < use.sinceMs)) uses.set(use.app, use)
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

/** Returns the programs that used the microphone, the newest first, each once, without the agent itself. */
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
