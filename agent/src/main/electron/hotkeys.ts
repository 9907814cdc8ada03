import { globalShortcut } from 'electron'

/** What a global hotkey of the agent commands. */
export type HotkeyCommand = 'open' | 'mark' | 'pause-or-resume' | 'start-or-stop'
/** Keys that work in every program; free in Windows, GNOME, macOS and the 3CX client. */
export const HOTKEYS = {
  open: 'CommandOrControl+Alt+Shift+N',
  mark: 'CommandOrControl+Alt+Shift+M',
  'pause-or-resume': 'CommandOrControl+Alt+Shift+P',
  'start-or-stop': 'CommandOrControl+Alt+Shift+R',
} as const satisfies Record<HotkeyCommand, string>

/** Registers the global hotkeys until `stop`. Calls `onTaken` for a key that another program holds; the other keys work. */
export function openHotkeys(
  onCommand: (command: HotkeyCommand) => void,
  onTaken: (key: string) => void,
): { stop(): void } {
  for (const command of Object.keys(HOTKEYS) as HotkeyCommand[])
    if (!globalShortcut.register(HOTKEYS[command], () => onCommand(command))) onTaken(HOTKEYS[command])
  return { stop: () => globalShortcut.unregisterAll() }
}
