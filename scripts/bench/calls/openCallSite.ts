import { openSite, type Site } from '../../site/site.ts'
import { openCallSounds } from './callSound.ts'

/** Set here, not measured by the worker's self-test: other work on this machine must not make calls wait for a slot. */
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
  const startWorker = () => site.startWorker(['--slots', String(SLOTS)])
  let worker = await startWorker()
  const selfTest = await worker.waitFor('its self-test', (line) => line.msg === 'worker.self-tested', 1_000)
  return {
    site,
    workers: {
      stop: async () => void (await worker.kill('SIGTERM')),
      /** Resolves when it is attached to the hub. */
      start: async () => void (worker = await startWorker()),
    },
    sounds: await openCallSounds(folder),
    /** Times real time of each decoder, as the self-test found. */
    speed: Number(selfTest.speed),
    decoders: Number(selfTest.decoders),
  }
}
