import { toError } from '@3cx-ninja/protocol'
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
/** A key that is created and deleted again faster than we can watch it is broken, not busy. */
const MAX_MISSES = 1_000

/**
 * Returns the microphone's consent store in the registry, watched without polling. Knows nothing of softphones: which keys
 * mean a call is decided in `consentEntries.ts`.
 */
export function openConsentRegistry(registry: Registry, kernel: Kernel): ConsentRegistry {
  return {
    read: () => [
      ...keysBelow(registry, MICROPHONE_STORE, true),
      ...keysBelow(registry, `${MICROPHONE_STORE}\\${NON_PACKAGED}`, false),
    ],
    watch(changed, failed) {
      const stopping = new AbortController()
      const quit = kernel.createEvent()
      const ended = watchStore({ registry, kernel, quit, signal: stopping.signal, changed })
        .catch((error: unknown) => {
          if (!stopping.signal.aborted) failed(toError(error))
        })
        .finally(() => kernel.close(quit))
      return async () => {
        if (!stopping.signal.aborted) {
          stopping.abort()
          kernel.set(quit)
        }
        await ended
      }
    },
  }
}

function keysBelow(registry: Registry, path: string, packaged: boolean): readonly ConsentKey[] {
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

/** Arms, then calls `changed`, which reads: a change between the two is seen twice rather than not at all. */
async function watchStore(needs: {
  readonly registry: Registry
  readonly kernel: Kernel
  readonly quit: Handle
  readonly signal: AbortSignal
  readonly changed: () => void
}): Promise<void> {
  const { registry, kernel, quit, signal, changed } = needs
  for (let misses = 0; !signal.aborted && misses < MAX_MISSES;) {
    const { key, depth } = openNearest(registry)
    // Each round has its own event: closing a key sets its event, which would end the next round at once, forever.
    const event = kernel.createEvent()
    try {
      const of = depth === STORE_PARTS.length ? 'tree' : 'names'
      // A key that was missing at the check may have been created before the notification was armed.
      if (!registry.notify(key, of, event) || nearestDepth(registry) !== depth) {
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
  if (!signal.aborted)
    throw new Error('The microphone store of Windows cannot be watched: it comes and goes.')
}

/** Opens the store itself, or, where it is missing, the nearest key above it that exists. */
function openNearest(registry: Registry): { key: Handle; depth: number } {
  for (let depth = STORE_PARTS.length; depth > 0; depth--) {
    const key = registry.open(STORE_PARTS.slice(0, depth).join('\\'))
    if (key !== undefined) return { key, depth }
  }
  throw new Error('The registry has no key Software for this user; sign in again.')
}

function nearestDepth(registry: Registry): number {
  const { key, depth } = openNearest(registry)
  registry.close(key)
  return depth
}
