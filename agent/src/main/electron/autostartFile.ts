import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Unique beside other applications' files; a package of a distribution would use the same name in /etc/xdg/autostart. */
const FILE = '3cx-ninja-realtime.desktop'

/** What decides where the entry lies and which program it starts. */
export interface AutostartNeeds {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** The running program. In an AppImage it lies in a folder that is gone after this run: the image itself counts then. */
  readonly program: string
}

/** Returns the path of the entry in the autostart folder of this user. */
export function autostartPath({ environment, home }: Pick<AutostartNeeds, 'environment' | 'home'>): string {
  const config = environment['XDG_CONFIG_HOME']
  // The specification ignores a relative path.
  return path.join(config && path.isAbsolute(config) ? config : path.join(home, '.config'), 'autostart', FILE)
}

/**
 * Resolves once the application starts with the desktop session, hidden, or no longer: an entry of the XDG autostart
 * specification (https://specifications.freedesktop.org/autostart-spec/latest/). Writes the entry again where the program has
 * moved; an entry that the user switched off in the settings of the desktop stays off. Rejects with the system's error.
 */
export async function keepAutostart(wanted: 'yes' | 'no', needs: AutostartNeeds): Promise<void> {
  const file = autostartPath(needs)
  if (wanted === 'no') return rm(file, { force: true })
  const text = autostartEntry(needs.environment['APPIMAGE'] ?? needs.program)
  const existing = await readFile(file, 'utf8').catch(() => '')
  if (existing === text || isSwitchedOff(existing)) return
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  try {
    await writeFile(draft, text)
    await rename(draft, file)
  } finally {
    await rm(draft, { force: true })
  }
}

const isSwitchedOff = (entry: string) => /^(?:Hidden=true|X-GNOME-Autostart-enabled=false)\s*$/im.test(entry)

function autostartEntry(program: string): string {
  return `[Desktop Entry]
Type=Application
Name=3CX-Ninja Realtime
Comment=Enregistre les appels 3CX et prépare les tickets
Comment[en]=Records 3CX calls and prepares tickets
TryExec=${inText(program)}
Exec=${quoted(program)} --hidden
Icon=3cx-ninja-realtime
Terminal=false
X-GNOME-Autostart-enabled=true
`
}

/**
 * A word of an Exec line: quoted, with `"`, backtick, `$` and `\` escaped in it, `%` doubled; and since the line is a text of
 * the file, each backslash doubled once more (Desktop Entry specification, 'The Exec key').
 */
function quoted(word: string): string {
  const inside = word.replaceAll(/["`$\\]/g, '\\$&').replaceAll('%', '%%')
  return inText(`"${inside}"`)
}

/** As a text of the file: backslashes doubled, and no line of its own. */
const inText = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
