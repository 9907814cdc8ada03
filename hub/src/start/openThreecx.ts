import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import type { Clock, Random } from '@3cx-ninja/protocol'
import type { Calls } from '../calls/calls.ts'
import type { HealthPart } from '../http/health.ts'
import type { Log } from '../observe/log.ts'
import type { HubSettings } from '../settings/schema.ts'
import { accountOf, missingOf } from '../threecx/pbxAccount.ts'
import { openPbx, type Pbx } from '../threecx/pbx.ts'
import { causeOf, remedyOf } from '../threecx/pbxError.ts'

export interface ThreecxNeeds {
  readonly settings: HubSettings
  /** The hub's data folder. */
  readonly folder: string
  readonly calls: Pick<Calls, 'factFromPbx' | 'pbxLink' | 'pbxDated'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly closers: Closers
}

/** Opens the PBX where one is set; undefined: none. Returns at once, whatever the PBX does. */
export function openThreecx(needs: ThreecxNeeds): Pbx | undefined {
  const { settings, calls, log } = needs
  const missing = missingOf(settings)
  if (missing.length > 0) log.warn({ missing }, 'threecx.half-set')
  const account = accountOf(settings)
  if (!account) return undefined
  const pbx = openPbx({
    ...needs,
    account,
    onDate: (dateMs) => calls.pbxDated(dateMs),
    listener: { fact: (fact) => calls.factFromPbx(fact), link: (link) => calls.pbxLink(link) },
  })
  needs.closers.add('threecx', () => pbx.stop())
  return pbx
}

/** Returns how the PBX is connected, for `/health`; undefined: no PBX is set. */
export function threecxHealth(settings: HubSettings, pbx: Pbx | undefined): HealthPart | undefined {
  const name = 'threecx'
  const missing = missingOf(settings)
  if (missing.length > 0)
    return { name, state: 'degraded', reason: 'Call Control is half set', remedy: `Set ${missing.join(', ')}, and restart the hub; or empty the others.` } // prettier-ignore
  if (!pbx) return undefined
  const state = pbx.control.state()
  switch (state.at) {
    case 'opening':
      return { name, state: 'degraded', reason: 'connecting to the PBX', remedy: 'Nothing: wait a moment.' }
    case 'waiting':
      return { name, state: 'degraded', reason: causeOf(state.pbxError), remedy: remedyOf(state.pbxError) }
    case 'stopped':
      return { name, state: 'degraded', reason: 'stopped', remedy: 'The hub is stopping.' }
    case 'open':
      if (state.extensions.length === 0)
        return { name, state: 'degraded', reason: 'connected, but the API client sees no extension', remedy: 'In 3CX: Integrations → API: list the technicians’ extensions on this client, one by one.' } // prettier-ignore
      if (pbx.access.isTokenShared())
        return {
          name,
          state: 'degraded',
          reason: 'another program uses the same API client',
          remedy: remedyOf({ code: 'token-replaced', detail: '' }),
        }
      return { name, state: 'ok', reason: `connected, ${state.extensions.length} extensions` }
  }
}
