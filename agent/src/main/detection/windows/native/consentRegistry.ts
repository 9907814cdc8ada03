import type { ConsentRegistry } from '../consentStore.ts'
import type { ConsentKey } from '../consentEntries.ts'
import type { Kernel } from './kernel.ts'
import type { Handle } from './koffi.ts'
import type { Registry } from './registry.ts'

/** Since Windows 10 version 1903; in the user's own hive since 20H2. Absent until the first program used the microphone. */
export const MICROPHONE_STORE =
  'Software\\Microsoft\\Windows\\CurrentVersion\\CapabilityAccessManager\\ConsentStore\\microphone'
const STORE_PARTS = MICROPHONE_STORE.split('\\')
const NON_PACKAGED = 'NonPackaged'
/** A key that is made and deleted again faster than we can watch it is broken, not busy. */
const MAX_MISSES = 1_000

/** The microphone's consent store in the registry, watched without polling. */
export function openConsentRegistry(registry: Registry, kernel: Kernel): ConsentRegistry {
  const keysBelow = (path: string, packaged: boolean): readonly ConsentKey[] => {
    const parent = registry.open(path)
    if (parent === undefined) return []
    try {
      return registry
        .subkeys(parent)
        .filter((name) => !packaged || name !== NON_PACKAGED)
        .flatMap((name) => {
          const key = registry.open(name, parent)
          if (key === undefined) return []
          const start = registry.qword(key, 'LastUsedTimeStart')
          const stop = registry.qword(key, 'LastUsedTimeStop')
          registry.close(key)
          return [{ name, packaged, start, stop }]
        })
    } finally {
      registry.close(parent)
    }
  }

  /** The store itself, or, where it is missing, the nearest key above it that exists. */
  const openNearest = (): { key: Handle; depth: number } => {
    for (let depth = STORE_PARTS.length; depth > 0; depth--) {
      const key = registry.open(STORE_PARTS.slice(0, depth).join('\\'))
      if (key !== undefined) return { key, depth }
    }
    throw new Error('The registry has no key Software for this user; sign in again.')
  }
  const nearestDepth = (): number => {
    const { key, depth } = openNearest()
    registry.close(key)
    return depth
  }

  return {
    read: () => [
      ...keysBelow(MICROPHONE_STORE, true),
      ...keysBelow(`${MICROPHONE_STORE}\\${NON_PACKAGED}`, false),
    ],
    watch(changed, failed) {
      let stopped = false
      const quit = kernel.createEvent()

      /** Arms, then reads: a change between the two is seen twice rather than not at all. */
      const run = async () => {
        for (let misses = 0; !stopped && misses < MAX_MISSES;) {
          const { key, depth } = openNearest()
          // One of its own for each round: closing a key sets its event, which would end the next round at once, for ever.
          const event = kernel.createEvent()
          try {
            const of = depth === STORE_PARTS.length ? 'tree' : 'names'
            // A key that was missing when we looked may have been made before we were armed.
            if (!registry.notify(key, of, event) || nearestDepth() !== depth) {
              misses += 1
              continue
            }
            misses = 0
            changed()
            await kernel.waitForAny([event, quit])
          } finally {
            registry.close(key)
            kernel.close(event)
          }
        }
        if (!stopped) throw new Error('The microphone store of Windows cannot be watched: it comes and goes.')
      }
      const ended = run()
        .catch((error: unknown) => {
          if (!stopped) failed(error instanceof Error ? error : new Error(String(error)))
        })
        .finally(() => kernel.close(quit))
      return async () => {
        if (!stopped) {
          stopped = true
          kernel.set(quit)
        }
        await ended
      }
    },
  }
}
