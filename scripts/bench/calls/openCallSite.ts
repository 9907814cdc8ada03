import { openSite, type Site } from '../../site/site.ts'
import { openCallSounds } from './callSound.ts'

/** Given, not found by the worker's self-test: other work on this machine must not make calls wait for a place. */
const SLOTS = 8

/** A hub and one worker with the demonstration model, as `npm run demo` starts them; nothing is filed. */
export async function openCallSite(folder: string) {
  const site: Site = await openSite({
    folder,
    hubSettings: {
      ninjaone: {},
      // Longer than any run: a draft without its text would look fast, and countdowns only cost time here.
      tickets: { maxWaitSeconds: 300, countdownSeconds: 120, onCountdownEnd: 'hold' },
    },
  })
  await site.startHub()
  const startWorker = () => site.startWorker(['--places', String(SLOTS)])
  let worker = await startWorker()
  const fit = await worker.waitFor('its measure', (line) => line.msg === 'worker.fit', 1_000)
  return {
    site,
    workers: {
      stop: async () => void (await worker.kill('SIGTERM')),
      /** Resolves when it is attached to the hub. */
      start: async () => void (worker = await startWorker()),
    },
    sounds: await openCallSounds(folder),
    /** Times real time of each decoder, as the self-test found. */
    speed: Number(fit.speed),
    decoders: Number(fit.decoders),
  }
}
