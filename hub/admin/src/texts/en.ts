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
  skip: 'Skip to the content',
  nav: 'Sections',
  'nav.overview': 'Overview',
  'nav.keys': 'Enrollment keys',
  'nav.members': 'Members',
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
  'copy.byHand': 'Selected: copy with Ctrl+C',
  cancel: 'Cancel',
  revoke: 'Revoke',
  retry: 'Try again',
  go: 'Open',
  'days.one': '{n} day',
  'days.other': '{n} days',
  'kind.agent': 'Agent',
  'kind.worker': 'Worker',
  'kind.wallboard': 'Wallboard',
  'kind.any': 'Any kind',
  justNow: 'just now',
  soon: 'in a moment',
  'role.agent': 'Agent (technician’s PC)',
  'role.worker': 'Worker (transcription)',
  'role.wallboard': 'Wallboard (supervision screen)',
  'role.any': 'Any kind',
  'unsaved.title': 'Leave without saving?',
  'unsaved.text': 'Settings were changed and are not saved.',
  'unsaved.yes': 'Leave without saving',
  'unsaved.no': 'Stay',
  'restart.title': 'The hub must be restarted',
  'restart.text':
    'Saved, but not in effect yet: {names}. Settings take effect at the next start of the hub; recordings go on at the PCs meanwhile.',
  'signedOut.title': 'Administration of the hub',
  'signedOut.signed-out': 'This browser has no session, or it has ended: they last 12 hours.',
  'signedOut.left': 'You are signed out.',
  'signedOut.used': 'This link was used already: each link opens one session only.',
  'signedOut.expired': 'This link is older than half an hour: it is worth nothing any more.',
  'signedOut.unknown': 'This link is not one of this hub, or the hub was restarted since.',
  'signedOut.too-many-attempts': 'Too many wrong links from this address: wait a minute, then try again.',
  'signedOut.unreachable':
    'The hub does not answer. Check that it is running and that this computer is on its network, then try again.',
  'signedOut.how':
    'Ask an administrator who is signed in for a link (Overview), or restart the hub on its machine with:',
  'signedOut.where':
    'The link is written to the hub’s log (hub.ready, adminLink). It opens one session, once, within half an hour.',
  'failure.unreachable':
    'The hub does not answer: check that it is running. Lists try again by themselves; else reload this page.',
  'failure.unexpected-answer':
    'The hub answered otherwise than expected: reload this page, it may be older than the hub.',
  'failure.csrf': 'The hub does not know this page any more: reload it.',
  'failure.internal': 'The hub failed at this request; its log tells why.',
  'failure.not-saved':
    'The settings file cannot be written: free space, or give the hub’s user the right to write it. Nothing was changed.',
  'failure.not-configured': 'The helpdesk is not set up yet.',
}
