import type { DeskBridge } from '../../ipc/channels.ts'
import { pageClock } from '../clock.ts'
import { createWebBridge } from './webBridge.ts'

declare global {
  interface Window {
    /** Made by Electron's preload; in a browser there is none. */
    readonly ninjaDesk?: DeskBridge
  }
}

/** Electron's bridge where there is one, else the socket of the server that served this page. */
export function openBridge(): DeskBridge {
  if (window.ninjaDesk) return window.ninjaDesk
  const { protocol, host } = window.location
  return createWebBridge({ url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/desk`, clock: pageClock })
}
