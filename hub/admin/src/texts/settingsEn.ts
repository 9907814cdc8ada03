import { helpdeskSettingsEn } from '../helpdesks/texts.ts'
import type { SettingWords } from './settingWords.ts'

export const settingsEn: Readonly<Record<string, SettingWords>> = {
  'hub.name': { label: 'Name of the hub', help: 'Shown by agents and wallboard.' },
  'hub.publicUrl': {
    label: 'Public address',
    help: 'Address by which agents, workers, 3CX and the helpdesk’s sign-in reach the hub, if it differs from where it listens.',
  },
  'hub.announce': {
    label: 'Announced on the network',
    help: 'Agents find the hub by themselves (mDNS), unless it listens on this machine only.',
  },
  'hub.logLevel': { label: 'Detail of the log', help: 'Lowest level written to the log.' },
  'listen.host': { label: 'Address to listen on', help: '0.0.0.0: all addresses of the machine.' },
  'listen.port': { label: 'Port', help: 'TCP port for HTTP, sockets and pages; 0: any free port.' },
  'tls.mode': {
    label: 'Certificate',
    help: 'The hub’s own authority: nothing to do, agents and workers know it by their key. Without TLS: on this machine or behind a proxy only.',
  },
  'tls.keyFile': { label: 'File of the private key', help: 'With the company’s certificate, PEM.' },
  'tls.certFile': {
    label: 'File of the certificate',
    help: 'With its chain up to the root of its authority, which agents and workers pin; PEM. Behind a proxy: the proxy’s.',
  },
  'tls.names': {
    label: 'Further names of the hub',
    help: 'Extra names for the hub’s certificate (SAN).',
  },
  'tls.behindProxy': {
    label: 'Reverse proxy',
    help: 'Address of the proxy that terminates TLS; allows “without TLS” on the network.',
  },
  'folders.data': { label: 'Data', help: 'Database and recordings.' },
  'folders.secrets': {
    label: 'Secrets',
    help: 'Master key and CA; must not be inside the data folder, and must be backed up separately.',
  },
  language: {
    label: 'Spoken language',
    help: 'fr, en … or auto. Tickets are in French for fr and auto, else in English.',
  },
  country: {
    label: 'Country of telephone numbers',
    help: 'Two letters: FR, BE, CH … For numbers without an international prefix.',
  },
  vocabulary: {
    label: 'Vocabulary',
    help: 'Names and products likely in calls: hints for the speech engine.',
  },
  'recording.consent.confirmed': {
    label: 'I have checked this rule and confirm it',
    help: 'Without this confirmation no call is recorded.',
  },
  'recording.consent.basis': {
    label: 'Basis',
    help: 'Why calls may be recorded; kept with each recording.',
  },
  'recording.consent.ruleVersion': {
    label: 'Version of the rule',
    help: 'Increase it when the text changes.',
  },
  'recording.consent.text': { label: 'The rule in words', help: 'Shown to technicians.' },
  'recording.optOut.extensions': { label: 'Extensions', help: 'Never recorded.' },
  'recording.optOut.numbers': { label: 'Numbers of callers', help: 'Never recorded.' },
  'tickets.countdownSeconds': {
    label: 'Countdown (seconds)',
    help: 'From the visible draft to filing the ticket.',
  },
  'tickets.onCountdownEnd': {
    label: 'At the end of the countdown',
    help: 'When nobody touched the draft.',
  },
  'tickets.undoSeconds': {
    label: 'Time to undo (seconds)',
    help: 'Time in which a decision can be undone: the hub cannot delete a ticket.',
  },
  'tickets.maxWaitSeconds': {
    label: 'Wait for the transcript (seconds)',
    help: 'After the call; then the draft is offered without it and the text follows as a comment.',
  },
  'tickets.parkAfterSeconds': {
    label: 'Parking (seconds)',
    help: 'A held or unseen draft is parked after this time; it can still be filed.',
  },
  'tickets.settleSeconds': {
    label: 'Wait after an unclear answer (seconds)',
    help: 'Wait after an unclear answer of the helpdesk, before the hub searches for the ticket and retries.',
  },
  'tickets.fileUnattended': {
    label: 'File unattended',
    help: 'Also files drafts that no technician saw.',
  },
  'helpdesk.kind': {
    label: 'Helpdesk',
    help: 'The system that gets the tickets. None: drafts are shown and nothing is filed.',
  },
  ...helpdeskSettingsEn,
  'threecx.webhookSecret': {
    label: 'Webhook secret',
    help: 'Sent by the PBX’s CRM template; without it the webhook refuses everything.',
  },
  'threecx.callControl.url': {
    label: 'Address of 3CX',
    help: 'That of its web console: https://company.my3cx.ch, with :5001 where it has one.',
  },
  'threecx.callControl.clientId': {
    label: 'Client ID',
    help: 'Of an API client with the right Call Control, for this hub alone.',
  },
  'threecx.callControl.clientSecret': { label: 'API key', help: '3CX shows it once.' },
  'threecx.callControl.caFile': {
    label: 'Authority of 3CX’s certificate',
    help: 'PEM file on the hub’s machine; only when the certificate is not from a public CA.',
  },
  'analysis.kind': { label: 'Method', help: 'Where a local language model fails, the rules take over.' },
  'analysis.url': { label: 'Address of the model', help: 'OpenAI-compatible service on your network.' },
  'analysis.model': { label: 'Name of the model', help: 'As the service knows it.' },
  'analysis.timeoutSeconds': { label: 'Wait (seconds)', help: 'Then the rules take over.' },
  'dispatch.leaseSeconds': {
    label: 'Silence of a worker (seconds)',
    help: 'After this silence of a worker, another worker gets its calls.',
  },
  'wallboard.names': {
    label: 'Names of callers',
    help: 'What wallboards show. Numbers are always masked there; ticket titles and spoken words stay.',
  },
  'retention.audioDays': {
    label: 'Recordings (days)',
    help: 'Deleted afterwards; 0: as soon as transcribed.',
  },
  'retention.transcriptDays': { label: 'Transcripts (days)', help: 'Deleted afterwards.' },
}
