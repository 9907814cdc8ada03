import type { SettingWords } from '../../texts/settingWords.ts'
import type { ninjaoneFr } from './fr.ts'

/** Sentences of the admin page that only NinjaOne needs. */
export const ninjaoneEn: Readonly<Record<keyof typeof ninjaoneFr, string>> = {
  'ninjaone.lead': 'The hub files tickets as a technician of NinjaOne, who signs in here once.',
  'ninjaone.not-configured':
    'First create an API client (below), then give its address, id and secret in the settings, and restart the hub. Tickets wait.',
  'helpdesk.test.statuses': 'Ticket statuses',
  'helpdesk.test.boards': 'Boards',
  'ninjaone.how': 'Create the API client',
  'ninjaone.how.text': 'In the console of NinjaOne; only a system administrator can.',
  'ninjaone.how.1': 'Open Administration → Apps → API → Client app IDs → Add.',
  'ninjaone.how.2':
    'Choose the platform Web. Neither Native (its redirect address cannot be set) nor API Services (no refresh token).',
  'ninjaone.how.3': 'Add this redirect URI, exactly:',
  'ninjaone.how.4':
    'Tick the grants Authorization Code and Refresh Token, and the scopes Monitoring and Management.',
  'ninjaone.how.5':
    'Note the secret: NinjaOne shows it once. Enter it with the client id in the settings of NinjaOne, and restart the hub.',
  'ninjaone.how.6':
    'Come back here and sign in. Prefer a service technician with the right to create and update tickets in each organization.',
  'ninjaone.how.why':
    'Why a technician’s sign-in: other integrations report that NinjaOne refuses tickets from a client without a user (403, user_context_required). From then on the hub renews its access by itself.',
  'ninjaone.redirect': 'Redirect URI',
  'fault.ninjaone-in-clear':
    'The address begins with http: the secret would cross the network in clear. Write https.',
  'group.ninjaone': 'NinjaOne',
  'choice.helpdesk.kind.ninjaone': 'NinjaOne',
}

export const ninjaoneSettingsEn: Readonly<Record<string, SettingWords>> = {
  'ninjaone.host': {
    label: 'Address of the instance',
    help: 'Address of your region: https://eu.ninjarmm.com, or app, us2, ca, oc instead of eu. No ticket is filed while it is empty.',
  },
  'ninjaone.clientId': {
    label: 'Id of the API client',
    help: 'Platform Web, Authorization Code and Refresh Token.',
  },
  'ninjaone.clientSecret': { label: 'Secret of the API client', help: 'Never shown again.' },
  'ninjaone.organizationId': {
    label: 'Organization for unknown callers',
    help: 'Id of the organization that gets their tickets; without it they wait for a choice in the draft.',
  },
  'ninjaone.ticketFormId': { label: 'Ticket form', help: 'Id of the form for new tickets.' },
  'ninjaone.statusName': { label: 'Status of new tickets', help: 'System name of the status in NinjaOne.' },
  'ninjaone.boardName': {
    label: 'Board of all tickets',
    help: 'Must list all tickets with their tags: the hub searches it after an unclear answer, before a retry.',
  },
  'ninjaone.requestsPerSecond': {
    label: 'Requests per second',
    help: 'Maximum number of requests per second.',
  },
}
