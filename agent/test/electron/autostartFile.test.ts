import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { autostartPath, keepAutostart } from '../../src/main/electron/autostartFile.ts'
import { aFolder } from '../../testing/sounds.ts'

async function aDesktop(environment: Readonly<Record<string, string>> = {}) {
  const folder = await aFolder()
  const needs = { environment, home: folder.path, program: '/opt/3CX-Ninja Realtime/agent' }
  const file = autostartPath(needs)
  return {
    file,
    folder,
    keep: (wanted: 'yes' | 'no', program = needs.program) => keepAutostart(wanted, { ...needs, program }),
    entry: () => readFile(file, 'utf8'),
    files: () => readdir(path.dirname(file)),
    async put(text: string) {
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, text)
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
const execOf = (entry: string) => /^Exec=(.*)$/m.exec(entry)?.[1]

describe('starting with a Linux desktop', () => {
  it('autostart is an entry of the user that starts the application hidden', async () => {
    await using desktop = await aDesktop()
    await desktop.keep('yes')
    const entry = await desktop.entry()
    expect(desktop.file).toBe(path.join(desktop.folder.path, '.config/autostart/3cx-ninja-realtime.desktop'))
    expect(entry.split('\n')[0]).toBe('[Desktop Entry]')
    expect(entry).toMatch(/^Type=Application$/m)
    expect(entry).toMatch(/^Name=3CX-Ninja Realtime$/m)
    expect(execOf(entry)).toBe('"/opt/3CX-Ninja Realtime/agent" --hidden')
    // The desktop starts nothing where the application was removed.
    expect(entry).toMatch(/^TryExec=\/opt\/3CX-Ninja Realtime\/agent$/m)
    expect(await desktop.files()).toEqual(['3cx-ninja-realtime.desktop'])
  })

  it('autostart follows a moved program, and names the AppImage rather than its unpacked folder', async () => {
    await using desktop = await aDesktop()
    await desktop.keep('yes')
    await desktop.keep('yes', '/usr/lib/agent')
    expect(execOf(await desktop.entry())).toBe('"/usr/lib/agent" --hidden')
    await using image = await aDesktop({ APPIMAGE: '/home/lea/Agent.AppImage' })
    await image.keep('yes', '/tmp/.mount_x/agent')
    expect(execOf(await image.entry())).toBe('"/home/lea/Agent.AppImage" --hidden')
  })

  it('autostart is removed when it is switched off, also twice', async () => {
    await using desktop = await aDesktop()
    await desktop.keep('yes')
    await desktop.keep('no')
    await desktop.keep('no')
    expect(await desktop.files()).toEqual([])
  })

  it.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
    'autostart stays off where the desktop’s own settings switched it off: %s',
    async (line) => {
      await using desktop = await aDesktop()
      const off = `[Desktop Entry]\nType=Application\nExec=agent\n${line}\n`
      await desktop.put(off)
      await desktop.keep('yes')
      expect(await desktop.entry()).toBe(off)
    },
  )

  it('autostart is written to the folder that the desktop reads', async () => {
    await using folder = await aFolder()
    const at = (config: string) =>
      autostartPath({ environment: { XDG_CONFIG_HOME: config }, home: '/home/lea' })
    expect(at(folder.path)).toBe(path.join(folder.path, 'autostart/3cx-ninja-realtime.desktop'))
    expect(at('relative')).toBe('/home/lea/.config/autostart/3cx-ninja-realtime.desktop')
  })

  it('autostart quotes a program’s path as the specification requires, so that nothing in the path is executed', async () => {
    await using desktop = await aDesktop()
    await desktop.keep('yes', '/opt/a "b" $HOME `id` 100% \\x/agent')
    expect(execOf(await desktop.entry())).toBe(
      String.raw`"/opt/a \\"b\\" \\$HOME \\` +
        '`id' +
        String.raw`\\` +
        '` 100%% ' +
        String.raw`\\\\x/agent" --hidden`,
    )
  })

  it('autostart has no extra line from a path with a line break', async () => {
    await using desktop = await aDesktop()
    await desktop.keep('yes', '/opt/a\nHidden=true\n/agent')
    const lines = (await desktop.entry()).split('\n')
    expect(lines.filter((line) => line.startsWith('Hidden'))).toEqual([])
    expect(lines).toContain(String.raw`TryExec=/opt/a\nHidden=true\n/agent`)
  })

  it('an autostart entry that cannot be written rejects with the cause', async () => {
    await using desktop = await aDesktop()
    await writeFile(path.join(desktop.folder.path, '.config'), 'a file')
    await expect(desktop.keep('yes')).rejects.toThrow(/ENOTDIR|EEXIST/)
  })
})
