import { Hono } from 'hono'
import type { Clock } from '@3cx-ninja/protocol'
import type { Access } from '../../access/access.ts'
import type { Log } from '../../observe/log.ts'
import type { SettingsStore } from '../../settings/readSettings.ts'
import { checkCallControl, unseenAgents, type Person } from '../../threecx/checkCallControl.ts'
import type { Pbx } from '../../threecx/pbx.ts'
import { createPbxAccess } from '../../threecx/pbxAccess.ts'
import { accountOf, missingOf, type PbxAccount } from '../../threecx/pbxAccount.ts'
import { createPbxExchange } from '../../threecx/pbxExchange.ts'
import { causeOf, remedyOf } from '../../threecx/pbxError.ts'
import { callControlTuning } from '../../threecx/tuning.ts'
import type { CallControlTest, CallControlView } from './threecxMessages.ts'
import type { HubEnv, Routes } from '../app.ts'

/** What the section shows and tests: the running PBX client, the saved settings and the enrolled agents. */
export interface CallControlRoutesNeeds {
  readonly settings: SettingsStore
  readonly access: Pick<Access, 'clients'>
  /** undefined: not set since the start. */
  readonly pbx: () => Pbx | undefined
  readonly clock: Clock
  readonly log: Log
}

/** Returns the routes that show the state of the PBX's connection, and the test that really connects to the PBX. */
export function callControlRoutes(needs: CallControlRoutesNeeds): Routes {
  const { settings, clock, log } = needs
  const app = new Hono<HubEnv>()
  const agents = async (): Promise<readonly Person[]> =>
    (await needs.access.clients('agent')).map(({ name, extension }) => ({ name, extension }))
  const saved = async () => (await settings.next()).current
  let testing: Promise<CallControlTest> | undefined

  app.get('/api/admin/3cx/call-control', async (c) =>
    c.json(viewOf(needs.pbx(), await saved(), await agents()) satisfies CallControlView),
  )
  app.post('/api/admin/3cx/call-control/test', async (c) => {
    const account = accountOf(await saved())
    if (!account) {
      const message = 'Set threecx.callControl.url, clientId and clientSecret first.'
      return c.json({ error: 'not-configured', message }, 409)
    }
    // Two tests at once would take each other's token.
    testing ??= test(account).finally(() => (testing = undefined))
    const result = await testing
    const failed = result.steps.find(({ ok }) => !ok)
    log.info({ failed: failed?.what, code: failed?.code }, 'admin.threecx-tested')
    return c.json(result)
  })
  const test = async (account: PbxAccount): Promise<CallControlTest> => {
    const pbx = needs.pbx()
    const rest = { clock, tuning: callControlTuning, agents: await agents(), account }
    // The running client's own token where it is the same client: a second one would knock it out.
    if (pbx && isSame(pbx.account, account)) {
      const isOpen = pbx.control.state().at === 'open'
      const steps = await checkCallControl({ ...rest, access: pbx.access, isOpen })
      // A person has put right in 3CX what was wrong: the hub need not wait for the end of a long pause.
      if (steps.some(({ what, ok }) => what === 'stream' && ok)) pbx.control.retryNow()
      return stepsOf(steps)
    }
    const exchange = createPbxExchange({ account, clock, answerMs: callControlTuning.answerMs })
    try {
      const access = createPbxAccess({ ...rest, exchange })
      return stepsOf(await checkCallControl({ ...rest, access, isOpen: false }))
    } finally {
      exchange.close()
    }
  }
  return app
}

const stepsOf = (steps: Awaited<ReturnType<typeof checkCallControl>>): CallControlTest => ({
  steps: steps.map(({ names, ...step }) => ({ ...step, ...(names ? { names: [...names] } : {}) })),
})

const isSame = (one: PbxAccount, other: PbxAccount) =>
  one.url === other.url &&
  one.clientId === other.clientId &&
  one.clientSecret === other.clientSecret &&
  one.caFile === other.caFile

function viewOf(
  pbx: Pbx | undefined,
  saved: SettingsStore['current'],
  agents: readonly Person[],
): CallControlView {
  const account = accountOf(saved)
  const missing = [...missingOf(saved)]
  const restartPending = pbx ? !account || !isSame(pbx.account, account) : account !== undefined
  const nothing = {
    missing,
    restartPending,
    url: pbx?.account.url ?? account?.url ?? null,
    sinceMs: null,
    untilMs: null,
    pbxError: null,
    extensions: [],
    legs: 0,
    lastFactMs: null,
    isTokenShared: false,
    unseen: [],
  }
  if (!pbx) return { ...nothing, at: missing.length > 0 ? 'half' : account ? 'saved' : 'off' }
  const { legs, lastFactMs } = pbx.control.figures()
  const state = pbx.control.state()
  const running = {
    ...nothing,
    legs,
    lastFactMs: lastFactMs ?? null,
    isTokenShared: pbx.access.isTokenShared(),
    at: state.at,
  }
  if (state.at === 'open') {
    const { sinceMs, extensions } = state
    return { ...running, sinceMs, extensions: [...extensions], unseen: [...unseenAgents(agents, extensions)] }
  }
  if (state.at !== 'waiting') return running
  const { pbxError, untilMs } = state
  const named = { code: pbxError.code, cause: causeOf(pbxError), remedy: remedyOf(pbxError) }
  return { ...running, untilMs, pbxError: named }
}
