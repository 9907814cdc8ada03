import type { Clock } from '@3cx-ninja/protocol'
import type { HelperProgram } from '../../capture/sources/helperProcess.ts'
import type { Logger } from '../../process/log.ts'
import type { PhonePrograms } from '../../telephone/phonePrograms.ts'
import type { CallSource } from '../callSource.ts'
import { createAudioSessionsSource } from './audioSessions.ts'
import { createClientWindowSource } from './clientWindow.ts'
import { microphonePrograms, type MicrophoneProgram } from './consentEntries.ts'
import { createConsentStoreSource } from './consentStore.ts'
import { createMicrophoneEvidence } from './microphoneEvidence.ts'
import { openConsentRegistry } from './native/consentRegistry.ts'
import { openDesktop } from './native/desktop.ts'
import { openKernel } from './native/kernel.ts'
import { loadKoffi, type KoffiModule } from './native/koffi.ts'
import { openRegistry } from './native/registry.ts'
import type { Softphones } from './softphones.ts'
import { knownTitles, titlePattern } from './titles.ts'
import type { WindowsTuning } from './tuning.ts'

/** The clock, the settings and the system functions from which the Windows sources are built. */
export interface WindowsSourcesNeeds {
  readonly clock: Clock
  readonly log: Logger
  readonly tuning: WindowsTuning
  /** Returns how long Windows runs, such as `os.uptime() * 1000`. */
  readonly uptimeMs: () => number
  /** Returns the programs of the settings, read at each check. */
  readonly phone: () => PhonePrograms
  /** File name of the agent itself. */
  readonly own: string
  /** Our native helper, which watches the sessions of Windows' sound system. */
  readonly helper: HelperProgram
}

/** The call sources of Windows, and their readings for the diagnosis. */
export interface WindowsSources {
  readonly sources: readonly CallSource[]
  /** Returns the telephone's programs that use the microphone now. */
  inUse(): readonly string[]
  /** Resolves with the programs that use or used the microphone, as Windows records it. Rejects where Windows has no such record. */
  microphonePrograms(): Promise<readonly MicrophoneProgram[]>
}

/** Returns the call sources of a Windows PC. Nothing of Windows is loaded before one of them starts. */
export function createWindowsSources(needs: WindowsSourcesNeeds): WindowsSources {
  const { clock, log, tuning, uptimeMs, phone } = needs
  const koffi = once(loadKoffi)
  const desktop = once(async () => openDesktop(await koffi()))
  const registry = once(async () => consentRegistry(await koffi()))
  const evidence = createMicrophoneEvidence({ clock })
  const softphones = (): Softphones => ({ ...phone(), own: needs.own })
  const runningImages = async () => new Set((await desktop()).programs().map(({ image }) => image))
  return {
    inUse: evidence.inUse,
    sources: [
      createConsentStoreSource({
        clock,
        log,
        softphones,
        evidence,
        tuning,
        uptimeMs,
        openRegistry: registry,
        runningImages,
      }),
      createAudioSessionsSource({ clock, log, softphones, evidence, program: needs.helper }),
      createClientWindowSource({
        clock,
        log,
        softphones,
        tuning,
        titles: () => [...phone().titles.map(titlePattern), ...knownTitles],
        openDesktop: desktop,
      }),
    ],
    async microphonePrograms() {
      const running = await runningImages().catch(() => undefined)
      const bootMs = clock.nowMs() - uptimeMs() - tuning.bootToleranceMs
      return microphonePrograms((await registry()).read(), { softphones: softphones(), bootMs, running })
    },
  }
}

const consentRegistry = (koffi: KoffiModule) => openConsentRegistry(openRegistry(koffi), openKernel(koffi))

/** Returns `make` with its result created at the first use and kept; a failure is retried at the next use. */
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
