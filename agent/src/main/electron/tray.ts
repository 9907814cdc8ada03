import path from 'node:path'
import { Menu, nativeImage, Tray } from 'electron'
import type { TrayCommand, TrayIcon, TrayModel } from './trayModel.ts'

/**
 * Opens the icon in the system tray; calls `onCommand` for a click or a menu item. An unchanged model is not drawn again: an
 * open menu would close.
 */
export function openTray(needs: {
  readonly icons: string
  readonly onCommand: (command: TrayCommand) => void
}): { show(model: TrayModel): void; destroy(): void } {
  const images = new Map<TrayIcon, Electron.NativeImage>()
  const imageOf = (icon: TrayIcon) => {
    const image = images.get(icon) ?? nativeImage.createFromPath(path.join(needs.icons, `tray-${icon}.png`))
    images.set(icon, image)
    return image
  }
  const tray = new Tray(imageOf('away'))
  let shown = ''
  tray.on('click', () => needs.onCommand('open'))
  return {
    show(model) {
      const key = JSON.stringify(model)
      if (key === shown) return // a menu that is open would close
      shown = key
      tray.setImage(imageOf(model.icon))
      tray.setToolTip(model.tooltip)
      tray.setContextMenu(
        Menu.buildFromTemplate(
          model.menu.map(({ command, label }) => ({ label, click: () => needs.onCommand(command) })),
        ),
      )
    },
    destroy: () => tray.destroy(),
  }
}
