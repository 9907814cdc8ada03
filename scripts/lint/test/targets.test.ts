import { expect, it } from 'vitest'
import { isIn } from '../targets.ts'

it('a folder holds what lies in it, and no folder whose name begins alike', () => {
  expect(isIn('worker/src/start.ts', ['worker', 'hub/src/tls'])).toBe(true)
  expect(isIn('hub/src/tls/ca.ts', ['worker', 'hub/src/tls'])).toBe(true)
  expect(isIn('worker-tools/start.ts', ['worker'])).toBe(false)
  expect(isIn('electron.vite.config.ts', ['electron.vite.config.ts'])).toBe(true)
})
