import type { Clock } from '@3cx-ninja/protocol'
import type { Database } from '../database/openDatabase.ts'
import { createHelpdeskStore } from '../database/stores.ts'
import type { Helpdesk } from '../helpdesk/helpdesk.ts'
import { noHelpdesk } from '../helpdesk/noHelpdesk.ts'
import { openNinjaOne } from '../ninjaone/ninjaone.ts'
import type { Log } from '../observe/log.ts'
import type { HubSettings } from '../settings/schema.ts'

export interface OpenHelpdeskNeeds {
  readonly settings: HubSettings
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
}

/** Opens the helpdesk that the setting `helpdesk.kind` names; without an account it is one that blocks every write. */
export async function openHelpdesk({ settings, database, clock, log }: OpenHelpdeskNeeds): Promise<Helpdesk> {
  const { kind } = settings.helpdesk
  const shared = {
    country: settings.country,
    store: createHelpdeskStore(database, kind, () => clock.nowMs()),
    clock,
    onEvent: (event: string, fields: object) =>
      log[event === 'contacts.loaded' ? 'info' : 'warn'](fields, event),
  }
  switch (kind) {
    case 'ninjaone':
      return openNinjaOne({ ...shared, settings: settings.ninjaone })
    case 'none':
      return noHelpdesk({ kind, name: 'The helpdesk', setUp: 'Choose one in helpdesk.kind.' })
  }
}
