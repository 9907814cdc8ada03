import type { Clock, Random } from '@3cx-ninja/protocol'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import { workerTuning } from '../tuning.ts'
import { createCommandEngine } from './commandEngine.ts'
import type { Engine } from './enginePort.ts'
import { createOpenaiServer } from './openaiServer.ts'
import { createWhisperServer } from './whisperServer.ts'

/** Creates one decoder of the kind that the settings name. It starts no program and opens no connection until its first piece. */
export function makeEngine(needs: {
  readonly settings: Settings
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}): Engine {
  const { settings, clock, log, random } = needs
  const tuning = workerTuning
  switch (settings.engine) {
    case 'whisper-server': {
      const { binary, model, threads } = settings
      const program = { binary, model, threads, args: wordsOf(settings['engine-args']) }
      return createWhisperServer({ program, clock, tuning, log })
    }
    case 'openai': {
      const [url, model, key] = [settings['engine-url'], settings['engine-model'], settings['engine-key']]
      return createOpenaiServer({ url: url.replace(/\/+$/, ''), model, key, clock, random, tuning, log })
    }
    case 'command':
      return createCommandEngine({ command: wordsOf(settings['engine-command']), clock, tuning })
  }
}

/** Returns the words of a line, separated by spaces; quotes keep spaces together. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
