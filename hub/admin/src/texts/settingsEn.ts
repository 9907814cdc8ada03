import { helpdeskSettingsEn } from '../helpdesks/texts.ts'
import type { SettingWords } from './settingWords.ts'

export const settingsEn: Readonly<Record<string, SettingWords>> = {
  'hub.name': { label: 'Hub name', help: 'Shown by agents and wallboards.' },
  'hub.publicUrl': {
    label: 'Public address',
    help: 'Address at which agents, workers, 3CX, and the helpdesk’s sign-in reach the hub, if it differs from the listen address.',
  },
  'hub.announce': {
    label: 'Announce on the network',
    help: 'Agents find the hub automatically (mDNS), unless it listens on this machine only.',
  },
  'hub.logLevel': { label: 'Log level', help: 'Lowest level written to the log.' },
  'hub.metricsToken': {
    label: 'Metrics token',
    help: 'With it, /metrics answers only a monitor that sends it; at least 32 characters.',
  },
  'listen.host': { label: 'Listen address', help: '0.0.0.0: all addresses of the machine.' },
  'listen.port': { label: 'Port', help: 'TCP port for HTTP, sockets and pages; 0: any free port.' },
  'tls.mode': {
    label: 'Certificate',
    help: 'The hub’s own certificate authority needs no setup: agents and workers trust it by their key. Without TLS: only on this machine or behind a proxy.',
  },
  'tls.keyFile': { label: 'Private key file', help: 'For the company certificate, PEM.' },
  'tls.certFile': {
    label: 'Certificate file',
    help: 'Certificate with its chain up to the root, which agents and workers pin; PEM. Behind a proxy: the proxy’s certificate.',
  },
  'tls.names': { label: 'Extra certificate names', help: 'Extra names for the hub’s certificate (SAN).' },
  'tls.behindProxy': {
    label: 'Reverse proxy',
    help: 'Address of the proxy that terminates TLS; allows “No TLS” on a network address.',
  },
  'folders.data': { label: 'Data', help: 'Database and recordings.' },
  'folders.secrets': {
    label: 'Secrets',
    help: 'Master key and CA; must not be inside the data folder, and must be backed up separately.',
  },
  language: {
    label: 'Spoken language',
    help: 'fr, en … or auto. Tickets are written in French for fr and auto, otherwise in English.',
  },
  country: {
    label: 'Default country of phone numbers',
    help: 'Two letters: FR, BE, CH … For numbers without an international prefix.',
  },
  vocabulary: {
    label: 'Vocabulary',
    help: 'Names and products likely in calls: hints for the speech engine.',
  },
  'recording.consent.confirmed': {
    label: 'I have reviewed this rule and confirm it',
    help: 'No call is recorded without this confirmation.',
  },
  'recording.consent.basis': {
    label: 'Legal basis',
    help: 'Why calls may be recorded; kept with each recording.',
  },
  'recording.consent.ruleVersion': { label: 'Rule version', help: 'Increase it when the text changes.' },
  'recording.consent.text': { label: 'Rule text', help: 'Shown to technicians.' },
  'recording.optOut.extensions': { label: 'Extensions', help: 'Never recorded.' },
  'recording.optOut.numbers': { label: 'Caller numbers', help: 'Never recorded.' },
  'tickets.countdownSeconds': {
    label: 'Countdown (seconds)',
    help: 'From the visible draft to filing the ticket.',
  },
  'tickets.onCountdownEnd': {
    label: 'At the end of the countdown',
    help: 'When nobody touched the draft.',
  },
  'tickets.undoSeconds': {
    label: 'Undo time (seconds)',
    help: 'Time in which a decision can be undone: the hub cannot delete a ticket.',
  },
  'tickets.maxWaitSeconds': {
    label: 'Wait for the transcript (seconds)',
    help: 'After the call; then the draft is offered without it and the text follows as a comment.',
  },
  'tickets.parkAfterSeconds': {
    label: 'Parking delay (seconds)',
    help: 'A held or unseen draft is parked after this time; it can still be filed.',
  },
  'tickets.settleSeconds': {
    label: 'Wait after an unclear answer (seconds)',
    help: 'Wait after an unclear answer of the helpdesk, before the hub searches for the ticket and retries.',
  },
  'tickets.fileUnattended': {
    label: 'File unattended drafts',
    help: 'Also files drafts that no technician saw.',
  },
  'tickets.maskPersonal': {
    label: 'Mask personal data in tickets',
    help: 'Telephone numbers show their last two digits; social security numbers, e-mail addresses and dates of birth are masked in drafts and tickets. Wallboards always mask them. Passwords, codes, cards and account numbers are masked everywhere.',
  },
  'helpdesk.kind': {
    label: 'Helpdesk',
    help: 'The system that gets the tickets. None: drafts are shown and nothing is filed.',
  },
  ...helpdeskSettingsEn,
  'threecx.webhookSecret': {
    label: 'Webhook secret',
    help: 'Sent by the PBX’s CRM template, at least 32 characters; without it the webhook refuses everything.',
  },
  'threecx.callControl.url': {
    label: '3CX address',
    help: 'Address of its web console: https://company.my3cx.ch, with :5001 if it has one.',
  },
  'threecx.callControl.clientId': {
    label: 'Client ID',
    help: 'An API client with the Call Control permission, for this hub alone.',
  },
  'threecx.callControl.clientSecret': { label: 'API key', help: '3CX shows it only once.' },
  'threecx.callControl.caFile': {
    label: '3CX certificate authority',
    help: 'PEM file on the hub’s machine, needed only when the certificate is not from a public authority.',
  },
  'analysis.kind': {
    label: 'Method',
    help: 'If a local language model fails, the built-in rules take over.',
  },
  'analysis.url': { label: 'Model address', help: 'OpenAI-compatible service on your network.' },
  'analysis.model': { label: 'Model name', help: 'Name of the model at the service.' },
  'analysis.timeoutSeconds': {
    label: 'Timeout (seconds)',
    help: 'After this time, the built-in rules take over.',
  },
  'dispatch.leaseSeconds': {
    label: 'Worker timeout (seconds)',
    help: 'A worker that is silent this long loses its calls to another worker.',
  },
  'wallboard.names': {
    label: 'Caller names',
    help: 'What wallboards show. Numbers, addresses and dates of birth are always masked; ticket titles and spoken words remain visible.',
  },
  'quotas.unsealedRecordings': {
    label: 'Unfinished recordings of one agent',
    help: 'Whose end has not come. More are refused until some end; others go on.',
  },
  'quotas.openParts': {
    label: 'Parts of unfinished recordings',
    help: 'A call has one, and one more for each crash of its PC.',
  },
  'quotas.megabytesPerDay': {
    label: 'Sound of one agent per day (MB)',
    help: 'Enough for a month of calls after a long absence; the rest follows the next day.',
  },
  'quotas.erasuresPerDay': {
    label: 'Erasures of unknown recordings per day',
    help: 'That one agent may ask for. Erasures of recordings on the hub are not counted.',
  },
  'quotas.reserveMegabytes': {
    label: 'Reserve on the disk (MB)',
    help: 'Recordings leave it free for database, sign-in and drafts. Empty: 1 GiB or 2 % of the disk, at most 20 %.',
  },
  'retention.audioDays': {
    label: 'Recordings (days)',
    help: 'Deleted after this time; 0: as soon as they are transcribed.',
  },
  'retention.transcriptDays': { label: 'Transcripts (days)', help: 'Deleted after this time.' },
}
