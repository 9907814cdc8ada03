import { isNamed, type PhonePrograms } from '../../telephone/phonePrograms.ts'

/** The programs that are the 3CX client on this PC. */
export interface Softphones extends Pick<PhonePrograms, 'programs' | 'packages'> {
  /** File name of the agent itself, which begins with '3CX' too and never counts. */
  readonly own?: string
}

/** Returns the last part of a Windows path, in lower case. */
export function imageOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1).toLowerCase()
}

/** Returns whether the file name is one of the 3CX client. */
export function isSoftphoneImage(image: string, { programs, own }: Softphones): boolean {
  return image.toLowerCase() !== own?.toLowerCase() && programs.some((name) => isNamed(image, name))
}

/** Returns whether the package family is one of the 3CX client. */
export function isSoftphonePackage(family: string, softphones: Softphones): boolean {
  return softphones.packages.some((start) => family.toLowerCase().startsWith(start.toLowerCase()))
}
