import path from 'node:path'
import type { Clock, Random } from '@3cx-ninja/protocol'
import type { Log } from '../observe/log.ts'
import { startCallControl, type CallControl } from './callControl.ts'
import { createLegsFile } from './legsFile.ts'
import { createPbxAccess, type PbxAccess } from './pbxAccess.ts'
import type { PbxAccount } from './pbxAccount.ts'
import { createPbxExchange } from './pbxExchange.ts'
import type { PbxListener } from './factQueue.ts'
import { callControlTuning } from './tuning.ts'

/** Everything of one PBX: its account, its token and the client that follows its calls. */
export interface Pbx {
  readonly account: PbxAccount
  readonly access: PbxAccess
  readonly control: CallControl
  /** Safe twice. */
  stop(): Promise<void>
}

/** The account, and what the client needs to run and to report. */
export interface PbxNeeds {
  readonly account: PbxAccount
  /** The hub's data folder: the names of the legs that go on outlive the hub there. */
  readonly folder: string
  readonly listener: PbxListener
  /** Receives the PBX's time with each of its answers. */
  readonly onDate?: (dateMs: number) => void
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Opens everything of one PBX and returns at once: the hub does not wait for its PBX. */
export function openPbx(needs: PbxNeeds): Pbx {
  const { account, clock } = needs
  const tuning = callControlTuning
  const exchange = createPbxExchange({ account, clock, answerMs: tuning.answerMs, onDate: needs.onDate })
  const access = createPbxAccess({ account, exchange, clock, tuning })
  const file = createLegsFile(path.join(needs.folder, 'pbx-legs.json'))
  const control = startCallControl({ ...needs, access, file, tuning })
  return {
    account,
    access,
    control,
    async stop() {
      const stopped = control.stop()
      exchange.close() // a token that is asked for is not waited for
      await stopped
    },
  }
}
