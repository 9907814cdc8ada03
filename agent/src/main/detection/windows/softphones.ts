import { isNamed, type PhonePrograms } from '../../telephone/phonePrograms.ts'

/** Which programs are the 3CX client on this PC. */
export interface Softphones extends Pick<PhonePrograms, 'programs' | 'packages'> {
  /** File name of the agent itself, which begins with '3CX' too: it is never meant. */
  readonly own?: string
}

/** Last part of a Windows path, in lower case. */
export function imageOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1).toLowerCase()
}

export function isSoftphoneImage(image: string, { programs, own }: Softphones): boolean {
  return image.toLowerCase() !== own?.toLowerCase() && programs.some((name) => isNamed(image, name))
}

export function isSoftphonePackage(family: string, softphones: Softphones): boolean {
  return softphones.packages.some((start) => family.toLowerCase().startsWith(start.toLowerCase()))
}
