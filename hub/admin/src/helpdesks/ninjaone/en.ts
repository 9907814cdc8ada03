import type { SettingWords } from '../../texts/settingWords.ts'
import type { ninjaoneFr } from './fr.ts'

/** Texts of the admin page that only NinjaOne needs, in English. */
export const ninjaoneEn: Readonly<Record<keyof typeof ninjaoneFr, string>> = {
  'ninjaone.lead': 'The hub files tickets on behalf of a NinjaOne technician, who signs in here once.',
  'ninjaone.not-configured':
    'Create an API client first (see below), then enter its address, ID, and secret in the settings, and restart the hub. Until then, tickets wait on the hub.',
  'helpdesk.test.statuses': 'Ticket statuses',
  'helpdesk.test.boards': 'Boards',
  'ninjaone.how': 'Create the API client',
  'ninjaone.how.text': 'In the NinjaOne console. This requires a system administrator.',
  'ninjaone.how.1': 'Open Administration → Apps → API → Client app IDs → Add.',
  'ninjaone.how.2':
    'Choose the platform Web. Do not use Native (its redirect URI cannot be set) or API Services (no refresh token).',
  'ninjaone.how.3': 'Add exactly this redirect URI:',
  'ninjaone.how.4':
    'Select the grant types Authorization Code and Refresh Token, and the scopes Monitoring and Management.',
  'ninjaone.how.5':
    'Copy the secret: NinjaOne shows it only once. Enter it with the client ID in the NinjaOne settings, then restart the hub.',
  'ninjaone.how.6':
    'Come back here and sign in, preferably as a service technician who may create and update tickets in every organization.',
  'ninjaone.how.why':
    'Why a technician signs in: other integrations report that NinjaOne rejects tickets from a client without a user (403, user_context_required). After the sign-in, the hub renews its access automatically.',
  'ninjaone.redirect': 'Redirect URI',
  'fault.ninjaone-in-clear':
    'The address starts with http: the secret would cross the network unencrypted. Use https.',
  'group.ninjaone': 'NinjaOne',
  'choice.helpdesk.kind.ninjaone': 'NinjaOne',
}

export const ninjaoneSettingsEn: Readonly<Record<string, SettingWords>> = {
  'ninjaone.host': {
    label: 'Instance address',
    help: 'Address of your region: https://eu.ninjarmm.com, or app, us2, ca, or oc instead of eu. Tickets are filed only when it is set.',
  },
  'ninjaone.clientId': {
    label: 'API client ID',
    help: 'Platform Web, grant types Authorization Code and Refresh Token.',
  },
  'ninjaone.clientSecret': { label: 'API client secret', help: 'Never shown again.' },
  'ninjaone.organizationId': {
    label: 'Organization for unknown callers',
    help: 'ID of the organization that gets their tickets. Without it, their tickets wait until a technician chooses one in the draft.',
  },
  'ninjaone.ticketFormId': { label: 'Ticket form', help: 'ID of the form for new tickets.' },
  'ninjaone.statusName': { label: 'Status of new tickets', help: 'System name of the status in NinjaOne.' },
  'ninjaone.boardName': {
    label: 'Board of all tickets',
    help: 'Must list all tickets with their tags: the hub searches it after an unclear answer, before it retries.',
  },
  'ninjaone.requestsPerSecond': {
    label: 'Maximum requests per second',
    help: 'Limit for all requests of the hub to NinjaOne.',
  },
}
