/** Which programs are the 3CX client on this PC. Policy may replace the lists: 3CX has renamed it with each generation. */
export interface Softphones {
  /** File names of classic programs, such as `3CXDesktopApp.exe`; case does not matter. */
  readonly executables: readonly string[]
  /** Starts of package family names; what follows is the publisher's hash, which no document states. */
  readonly packages: readonly string[]
}

/**
 * The clients known by name: V20 is a package (`3CXDMCC.3CX`, process 3CXSoftphone.exe), V18 an Electron program, the legacy
 * 3CXPhone for Windows a classic one. The web client in a browser is not among them: in the store it is only 'chrome'.
 */
export const knownSoftphones: Softphones = {
  executables: ['3CXSoftphone.exe', '3CXDesktopApp.exe', '3CXWin8Phone.exe', '3CXPhone.exe'],
  packages: ['3CXDMCC.3CX_'],
}

/** Last part of a Windows path, in lower case. */
export function imageOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1).toLowerCase()
}

export function isSoftphoneImage(image: string, softphones: Softphones): boolean {
  return softphones.executables.some((name) => name.toLowerCase() === image.toLowerCase())
}

export function isSoftphonePackage(family: string, softphones: Softphones): boolean {
  return softphones.packages.some((start) => family.toLowerCase().startsWith(start.toLowerCase()))
}
