import { expect, it } from 'vitest'
import { isHeld } from '../heldFolders.ts'

it('a folder holds what lies in it, and no folder whose name begins alike', () => {
  expect(isHeld('worker/src/start.ts', ['worker', 'hub/src/tls'])).toBe(true)
  expect(isHeld('hub/src/tls/ca.ts', ['worker', 'hub/src/tls'])).toBe(true)
  expect(isHeld('worker-tools/start.ts', ['worker'])).toBe(false)
  expect(isHeld('electron.vite.config.ts', ['electron.vite.config.ts'])).toBe(true)
})
