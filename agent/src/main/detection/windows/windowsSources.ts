import type { Clock } from '@3cx-ninja/protocol'
import type { Logger } from '../../log.ts'
import type { CallSource } from '../callSource.ts'
import { createClientWindowSource } from './clientWindow.ts'
import { createConsentStoreSource } from './consentStore.ts'
import { openConsentRegistry } from './native/consentRegistry.ts'
import { openDesktop } from './native/desktop.ts'
import { openKernel } from './native/kernel.ts'
import { loadKoffi, type KoffiModule } from './native/koffi.ts'
import { openRegistry } from './native/registry.ts'
import { knownSoftphones, type Softphones } from './softphones.ts'
import { knownTitles } from './titles.ts'
import type { WindowsTuning } from './tuning.ts'

export interface WindowsSourcesNeeds {
  readonly clock: Clock
  readonly log: Logger
  readonly tuning: WindowsTuning
  /** How long Windows runs, such as `os.uptime() * 1000`. */
  readonly uptimeMs: () => number
  /** From policy; the known 3CX clients otherwise. */
  readonly softphones?: Softphones
  /** From policy; see titles.ts. */
  readonly titles?: readonly RegExp[]
}

/** The call sources of a Windows PC. Nothing of Windows is loaded before one of them starts. */
export function createWindowsSources(needs: WindowsSourcesNeeds): readonly CallSource[] {
  const { clock, log, tuning, uptimeMs, softphones = knownSoftphones, titles = knownTitles } = needs
  const koffi = once(loadKoffi)
  const desktop = once(async () => openDesktop(await koffi()))
  return [
    createConsentStoreSource({
      clock,
      log,
      softphones,
      tuning,
      uptimeMs,
      openRegistry: async () => consentRegistry(await koffi()),
      runningImages: async () => new Set((await desktop()).programs().map(({ image }) => image)),
    }),
    createClientWindowSource({ clock, log, softphones, tuning, titles, openDesktop: desktop }),
  ]
}

const consentRegistry = (koffi: KoffiModule) => openConsentRegistry(openRegistry(koffi), openKernel(koffi))

/** Made at the first use and kept; a failure is tried again at the next one. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
