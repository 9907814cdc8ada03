import { helpdeskSettingsFr } from '../helpdesks/texts.ts'
import type { SettingWords } from './settingWords.ts'

/** Name and meaning of each setting; the hub's own description stands in where one is missing. */
export const settingsFr: Readonly<Record<string, SettingWords>> = {
  'hub.name': { label: 'Nom du hub', help: 'Affiché par les agents et par le mur.' },
  'hub.publicUrl': {
    label: 'Adresse publique',
    help: 'Adresse par laquelle agents, workers, 3CX et la connexion au helpdesk atteignent le hub, si elle diffère de l’adresse d’écoute.',
  },
  'hub.announce': {
    label: 'Annonce sur le réseau',
    help: 'Les agents trouvent le hub par eux-mêmes (mDNS), à moins qu’il n’écoute que sur cette machine.',
  },
  'hub.logLevel': { label: 'Détail du journal', help: 'Ce que le hub écrit dans son journal.' },
  'listen.host': { label: 'Adresse d’écoute', help: '0.0.0.0 : toutes les adresses de la machine.' },
  'listen.port': { label: 'Port', help: 'Un seul port pour tout ; 0 prend n’importe quel port libre.' },
  'tls.mode': {
    label: 'Certificat',
    help: 'Autorité du hub : rien à faire, agents et workers la reconnaissent par leur clé. Sans TLS : seulement sur cette machine ou derrière un proxy.',
  },
  'tls.keyFile': { label: 'Fichier de la clé privée', help: 'Avec le certificat de l’entreprise, PEM.' },
  'tls.certFile': {
    label: 'Fichier du certificat',
    help: 'Avec sa chaîne jusqu’à la racine de son autorité, que les agents et les workers reconnaissent ; PEM. Derrière un proxy : celui du proxy.',
  },
  'tls.names': {
    label: 'Autres noms du hub',
    help: 'Noms et adresses que le certificat du hub doit aussi porter.',
  },
  'tls.behindProxy': {
    label: 'Proxy inverse',
    help: 'Adresse du proxy qui s’occupe de TLS ; permet « sans TLS » sur le réseau.',
  },
  'folders.data': { label: 'Données', help: 'Base de données et enregistrements.' },
  'folders.secrets': {
    label: 'Secrets',
    help: 'Clé maîtresse et autorité de certification ; hors du dossier des données, et à sauvegarder.',
  },
  language: {
    label: 'Langue parlée',
    help: 'fr, en… ou auto. Les tickets sont en français pour fr et auto, sinon en anglais.',
  },
  country: {
    label: 'Pays des numéros de téléphone',
    help: 'Deux lettres : FR, BE, CH… Pour les numéros sans préfixe international.',
  },
  vocabulary: {
    label: 'Vocabulaire',
    help: 'Noms et produits probables dans les appels, pour la reconnaissance vocale.',
  },
  'recording.consent.confirmed': {
    label: 'J’ai vérifié cette règle et je la confirme',
    help: 'Sans cette confirmation, aucun appel n’est enregistré.',
  },
  'recording.consent.basis': {
    label: 'Base',
    help: 'Pourquoi les appels peuvent être enregistrés ; gardée avec chaque enregistrement.',
  },
  'recording.consent.ruleVersion': {
    label: 'Version de la règle',
    help: 'À augmenter quand la règle change.',
  },
  'recording.consent.text': { label: 'La règle en clair', help: 'Affichée aux techniciens.' },
  'recording.optOut.extensions': { label: 'Extensions', help: 'Jamais enregistrées.' },
  'recording.optOut.numbers': { label: 'Numéros d’appelants', help: 'Jamais enregistrés.' },
  'tickets.countdownSeconds': {
    label: 'Compte à rebours (secondes)',
    help: 'Du brouillon visible à l’envoi du ticket.',
  },
  'tickets.onCountdownEnd': {
    label: 'À la fin du compte à rebours',
    help: 'Quand personne n’a touché au brouillon.',
  },
  'tickets.undoSeconds': {
    label: 'Délai d’annulation (secondes)',
    help: 'Combien de temps une décision peut être reprise : le hub ne sait pas supprimer un ticket.',
  },
  'tickets.maxWaitSeconds': {
    label: 'Attente de la transcription (secondes)',
    help: 'Après l’appel ; ensuite le brouillon est proposé sans elle et le texte suit en commentaire.',
  },
  'tickets.parkAfterSeconds': {
    label: 'Mise de côté (secondes)',
    help: 'Un brouillon retenu ou non vu est mis de côté après ce délai, et reste envoyable.',
  },
  'tickets.settleSeconds': {
    label: 'Attente dans le doute (secondes)',
    help: 'Après une réponse incertaine du helpdesk : attendre, chercher le ticket, puis seulement renvoyer.',
  },
  'tickets.fileUnattended': {
    label: 'Envoyer sans témoin',
    help: 'Envoie aussi les brouillons qu’aucun technicien n’a vus.',
  },
  'helpdesk.kind': {
    label: 'Helpdesk',
    help: 'Le système qui reçoit les tickets. Aucun : les brouillons sont montrés, rien n’est envoyé.',
  },
  ...helpdeskSettingsFr,
  'threecx.webhookSecret': {
    label: 'Secret du webhook',
    help: 'Que le modèle CRM du central envoie ; sans lui le webhook refuse tout.',
  },
  'threecx.callControl.url': {
    label: 'Adresse de 3CX',
    help: 'Celle de sa console web : https://societe.my3cx.fr, avec :5001 si elle en a un.',
  },
  'threecx.callControl.clientId': {
    label: 'Client ID',
    help: 'Celui d’un client API avec le droit Call Control, réservé à ce hub.',
  },
  'threecx.callControl.clientSecret': { label: 'Clé API', help: '3CX ne la montre qu’une fois.' },
  'threecx.callControl.caFile': {
    label: 'Autorité du certificat de 3CX',
    help: 'Fichier PEM sur la machine du hub, seulement si les autorités publiques ne connaissent pas le certificat.',
  },
  'analysis.kind': {
    label: 'Méthode',
    help: 'Un modèle de langue local, s’il échoue, laisse la place aux règles.',
  },
  'analysis.url': { label: 'Adresse du modèle', help: 'Service compatible OpenAI sur votre réseau.' },
  'analysis.model': { label: 'Nom du modèle', help: 'Tel que le service le connaît.' },
  'analysis.timeoutSeconds': { label: 'Attente (secondes)', help: 'Ensuite les règles prennent le relais.' },
  'dispatch.leaseSeconds': {
    label: 'Silence d’un worker (secondes)',
    help: 'Un worker muet aussi longtemps perd ses appels au profit d’un autre.',
  },
  'wallboard.names': {
    label: 'Noms des appelants',
    help: 'Ce que les écrans muraux montrent. Les numéros y sont toujours masqués ; les titres des tickets et les paroles restent.',
  },
  'retention.audioDays': {
    label: 'Enregistrements (jours)',
    help: 'Supprimés ensuite ; 0 : dès que transcrits.',
  },
  'retention.transcriptDays': { label: 'Transcriptions (jours)', help: 'Supprimées ensuite.' },
}
