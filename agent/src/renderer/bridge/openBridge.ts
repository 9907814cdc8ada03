import type { DeskBridge } from '../../ipc/channels.ts'
import { pageClock } from '../clock.ts'
import { createWebBridge } from './webBridge.ts'

declare global {
  interface Window {
    /** Electron's preload sets it; a browser has none. */
    readonly ninjaDesk?: DeskBridge
  }
}

/** Returns Electron's bridge, or in a browser a bridge over a WebSocket to the server of this page. */
export function openBridge(): DeskBridge {
  if (window.ninjaDesk) return window.ninjaDesk
  const { protocol, host } = window.location
  return createWebBridge({ url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/desk`, clock: pageClock })
}
