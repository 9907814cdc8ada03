import { helpdesksEn } from '../helpdesks/texts.ts'
import { enForms } from './enForms.ts'
import { enLive } from './enLive.ts'
import { enSections } from './enSections.ts'
import type { TextKey } from './fr.ts'

export const en: Readonly<Record<TextKey, string>> = {
  ...enSections,
  ...enForms,
  ...enLive,
  ...helpdesksEn,
  title: 'Administration',
  pair: '{label}: {value}',
  skip: 'Skip to content',
  nav: 'Sections',
  'nav.overview': 'Overview',
  'nav.keys': 'Enrollment keys',
  'nav.clients': 'Clients',
  'nav.settings': 'Settings',
  'nav.helpdesk': 'Helpdesk',
  'nav.threecx': '3CX',
  'nav.outbox': 'Outbox',
  'choose.language': 'Language',
  'choose.theme': 'Appearance',
  'theme.auto': 'System',
  'theme.light': 'Light',
  'theme.dark': 'Dark',
  signOut: 'Sign out',
  copy: 'Copy',
  copied: 'Copied',
  'copy.byHand': 'Selected: press Ctrl+C to copy',
  cancel: 'Cancel',
  revoke: 'Revoke',
  retry: 'Try again',
  go: 'Open',
  'days.one': '{n} day',
  'days.other': '{n} days',
  'kind.agent': 'Agent',
  'kind.worker': 'Worker',
  'kind.wallboard': 'Wallboard',
  'kind.any': 'Any type',
  justNow: 'just now',
  soon: 'in a moment',
  'role.agent': 'Agent (technician’s PC)',
  'role.worker': 'Worker (transcription)',
  'role.wallboard': 'Wallboard (supervision screen)',
  'role.any': 'Any type',
  'unsaved.title': 'Leave without saving?',
  'unsaved.text': 'Some settings have changed and are not saved.',
  'unsaved.yes': 'Leave without saving',
  'unsaved.no': 'Stay',
  'restart.title': 'Restart the hub',
  'restart.text':
    'Saved but not in effect yet: {names}. These settings take effect when the hub restarts. PCs keep recording in the meantime.',
  'signedOut.title': 'Hub administration',
  'signedOut.signed-out': 'This browser has no session, or its session has expired. Sessions last 12 hours.',
  'signedOut.left': 'You have signed out.',
  'signedOut.used': 'This link has already been used. Each link opens one session only.',
  'signedOut.expired': 'This link has expired: links are valid for half an hour.',
  'signedOut.unknown': 'This link does not belong to this hub, or the hub has restarted since.',
  'signedOut.too-many-attempts': 'Too many invalid links from this address. Wait a minute, then try again.',
  'signedOut.unreachable':
    'The hub is not responding. Check that it is running and that this computer is on its network, then try again.',
  'signedOut.how':
    'Ask a signed-in administrator for a link (Overview), or restart the hub on its machine with:',
  'signedOut.where':
    'The link is written to the hub’s log (hub.ready, adminLink). It opens one session, once, within half an hour.',
  'failure.unreachable':
    'The hub is not responding: check that it is running. Lists retry automatically; otherwise reload this page.',
  'failure.unexpected-answer':
    'The hub sent an unexpected response. Reload this page: it may be older than the hub.',
  'failure.csrf': 'The hub no longer recognizes this page: reload it.',
  'failure.internal': 'The hub failed to process this request. The reason is in its log.',
  'failure.not-saved':
    'The settings file cannot be written. Free up disk space, or grant the hub’s user write access to it. Nothing was changed.',
  'failure.not-configured': 'The helpdesk is not configured yet.',
}
