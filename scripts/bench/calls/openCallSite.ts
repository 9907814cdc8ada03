import { openSite, type Site } from '../../site/site.ts'
import { openCallSounds } from './callSound.ts'

/** A fixed number instead of the self-test's: other work on this machine must not make calls wait for a slot. */
const SLOTS = 8

/** Starts a hub and one worker with the demonstration model, as `npm run demo` does; no ticket is filed. */
export async function openCallSite(folder: string) {
  const site: Site = await openSite({
    folder,
    hubSettings: {
      ninjaone: {},
      // Longer than any run: a draft without its text would appear fast, and countdowns only cost time here.
      tickets: { maxWaitSeconds: 300, countdownSeconds: 120, onCountdownEnd: 'hold' },
    },
  })
  await site.startHub()
  const startWorker = () => site.startWorker(['--slots', String(SLOTS)])
  let worker = await startWorker()
  const selfTest = await worker.waitFor('its self-test', (line) => line.msg === 'worker.self-tested', 1_000)
  return {
    site,
    workers: {
      stop: async () => void (await worker.kill('SIGTERM')),
      /** Resolves when the worker is attached to the hub. */
      start: async () => void (worker = await startWorker()),
    },
    sounds: await openCallSounds(folder),
    /** Speed of each decoder as a multiple of real time, as measured by the self-test. */
    speed: Number(selfTest.speed),
    decoders: Number(selfTest.decoders),
  }
}
