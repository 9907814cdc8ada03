import { parsePhonePrograms, type PhoneEntry } from '../../ipc/phoneProgramList.ts'

/** The programs that are the telephone on this PC, for noticing calls and for recording the caller. */
export interface PhonePrograms {
  /** Names of executables, on Linux also of applications, with or without `.exe`; a `*` at the end is any ending. */
  readonly programs: readonly string[]
  /** Starts of Windows' package family names; what follows is the publisher's hash, which no document states. */
  readonly packages: readonly string[]
  /** Templates of window titles, to be tried before our own guesses; see titles.ts. */
  readonly titles: readonly string[]
}

/**
 * Returns the clients known by name. Windows, newest first: V20 is a package (process 3CXSoftphone.exe), V18 an Electron program,
 * the legacy 3CXPhone for Windows a classic one. Elsewhere every client so far begins with '3CX' (facts of V12 to V20); on
 * Windows that would be 3CX's drivers and our own program too. The web client in a browser is not among them: to the
 * system it is only 'chrome'.
 */
export function knownPrograms(platform: NodeJS.Platform): PhonePrograms {
  return platform === 'win32'
    ? {
        programs: ['3CXSoftphone.exe', '3CXDesktopApp.exe', '3CXWin8Phone.exe', '3CXPhone.exe'],
        packages: ['3CXDMCC.3CX_'],
        titles: [],
      }
    : { programs: ['3cx*'], packages: [], titles: [] }
}

/**
 * Returns the known clients with the additions and removals of the setting. Additions stand last: where several run, 3CX's own
 * is preferred. Wrong entries are omitted; the settings refuse them with the remedy.
 */
export function phonePrograms(setting: string, platform: NodeJS.Platform): PhonePrograms {
  const { entries } = parsePhonePrograms(setting)
  const known = knownPrograms(platform)
  const texts = (kind: PhoneEntry['kind']) =>
    entries.filter((entry) => entry.kind === kind).map(({ text }) => text)
  const gone = texts('without')
  const stays = (name: string) => gone.every((without) => !isNamed(name, without) && !isNamed(without, name))
  return {
    programs: unique([...known.programs.filter(stays), ...texts('program')]),
    packages: unique([...known.packages.filter(stays), ...texts('package')]),
    titles: texts('title'),
  }
}

/** Returns whether an entry of the settings matches a program's name. */
export function isNamed(name: string, entry: string): boolean {
  const [plain, wanted] = [plainName(name), plainName(entry)]
  if (plain === '' || wanted === '' || wanted === '*') return false
  return wanted.endsWith('*') ? plain.startsWith(wanted.slice(0, -1)) : plain === wanted
}

/** Returns the file names of Windows for the entries: an entry has the ending or not. */
function windowsImages(programs: readonly string[]): readonly string[] {
  return unique(programs.map((name) => (/\.exe$|\*$/i.test(name) ? name : `${name}.exe`)))
}

/**
 * Returns the programs that the capture helper searches for on Windows, first the ones that use the microphone now: with a
 * browser on the list, the program that talks is recorded.
 */
export function windowsTargets(
  { programs, packages }: PhonePrograms,
  inUse: readonly string[],
): readonly string[] {
  const packaged = (family: string) => `package:${family}`
  const talking = inUse.map((app) => (app.endsWith('.exe') ? app : packaged(app)))
  return unique([...talking, ...windowsImages(programs), ...packages.map(packaged)])
}

const plainName = (name: string) =>
  name
    .trim()
    .toLowerCase()
    .replace(/\.exe$/, '')

function unique(names: readonly string[]): readonly string[] {
  return names.filter((name, at) => names.findIndex((each) => plainName(each) === plainName(name)) === at)
}
