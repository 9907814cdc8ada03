import { helpdeskSettingsFr } from '../helpdesks/texts.ts'
import type { SettingWords } from './settingWords.ts'

/** Name and meaning of each setting; the page shows the hub's own description where one is missing. */
export const settingsFr: Readonly<Record<string, SettingWords>> = {
  'hub.name': { label: 'Nom du hub', help: 'Affiché par les agents et les tableaux muraux.' },
  'hub.publicUrl': {
    label: 'Adresse publique',
    help: 'Adresse par laquelle agents, workers, 3CX et la connexion au helpdesk atteignent le hub, si elle diffère de l’adresse d’écoute.',
  },
  'hub.announce': {
    label: 'Annonce sur le réseau',
    help: 'Les agents trouvent le hub automatiquement (mDNS), sauf s’il n’écoute que sur cette machine.',
  },
  'hub.logLevel': { label: 'Niveau du journal', help: 'Niveau le plus bas écrit dans le journal.' },
  'hub.metricsToken': {
    label: 'Jeton des métriques',
    help: 'Avec lui, /metrics ne répond qu’au programme de supervision qui l’envoie ; au moins 32 caractères.',
  },
  'listen.host': { label: 'Adresse d’écoute', help: '0.0.0.0 : toutes les adresses de la machine.' },
  'listen.port': {
    label: 'Port',
    help: 'Port TCP pour HTTP, les sockets et les pages ; 0 : n’importe quel port libre.',
  },
  'tls.mode': {
    label: 'Certificat',
    help: 'L’autorité du hub ne demande aucune configuration : les agents et les workers lui font confiance grâce à leur clé. Sans TLS : seulement sur cette machine ou derrière un proxy.',
  },
  'tls.keyFile': { label: 'Fichier de la clé privée', help: 'Pour le certificat de l’entreprise, PEM.' },
  'tls.certFile': {
    label: 'Fichier du certificat',
    help: 'Certificat avec sa chaîne jusqu’à la racine, à laquelle les agents et les workers font confiance ; PEM. Derrière un proxy : celui du proxy.',
  },
  'tls.names': {
    label: 'Autres noms du certificat',
    help: 'Noms supplémentaires pour le certificat du hub (SAN).',
  },
  'tls.behindProxy': {
    label: 'Proxy inverse',
    help: 'Adresse du proxy qui termine TLS ; permet « Sans TLS » sur une adresse du réseau.',
  },
  'folders.data': { label: 'Données', help: 'Base de données et enregistrements.' },
  'folders.secrets': {
    label: 'Secrets',
    help: 'Clé maîtresse et autorité de certification ; hors du dossier des données, et à sauvegarder séparément.',
  },
  language: {
    label: 'Langue parlée',
    help: 'fr, en… ou auto. Les tickets sont rédigés en français pour fr et auto, sinon en anglais.',
  },
  country: {
    label: 'Pays par défaut des numéros',
    help: 'Deux lettres : FR, BE, CH… Pour les numéros sans préfixe international.',
  },
  vocabulary: {
    label: 'Vocabulaire',
    help: 'Noms et produits probables dans les appels : indications pour la reconnaissance vocale.',
  },
  'recording.consent.confirmed': {
    label: 'J’ai vérifié cette règle et je la confirme',
    help: 'Sans cette confirmation, aucun appel n’est enregistré.',
  },
  'recording.consent.basis': {
    label: 'Base légale',
    help: 'Pourquoi les appels peuvent être enregistrés ; conservée avec chaque enregistrement.',
  },
  'recording.consent.ruleVersion': {
    label: 'Version de la règle',
    help: 'À augmenter quand la règle change.',
  },
  'recording.consent.text': { label: 'Texte de la règle', help: 'Affiché aux techniciens.' },
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
    help: 'Délai pendant lequel une décision peut être annulée : le hub ne peut pas supprimer un ticket.',
  },
  'tickets.maxWaitSeconds': {
    label: 'Attente de la transcription (secondes)',
    help: 'Après l’appel ; ensuite le brouillon est proposé sans elle et le texte suit en commentaire.',
  },
  'tickets.parkAfterSeconds': {
    label: 'Mise de côté (secondes)',
    help: 'Un brouillon retenu ou non vu est mis de côté après ce délai ; il peut toujours être envoyé.',
  },
  'tickets.settleSeconds': {
    label: 'Attente après une réponse incertaine (secondes)',
    help: 'Le hub attend, cherche le ticket dans le helpdesk, puis seulement renvoie.',
  },
  'tickets.fileUnattended': {
    label: 'Envoyer les brouillons non vus',
    help: 'Envoie aussi les brouillons qu’aucun technicien n’a vus.',
  },
  'tickets.maskPersonal': {
    label: 'Masquer les données personnelles dans les tickets',
    help: 'Les numéros de téléphone ne montrent que leurs deux derniers chiffres ; numéros de sécurité sociale, adresses e-mail et dates de naissance sont masqués dans les brouillons et les tickets. Les écrans muraux les masquent toujours. Mots de passe, codes, cartes et IBAN sont masqués partout.',
  },
  'helpdesk.kind': {
    label: 'Helpdesk',
    help: 'Le système qui reçoit les tickets. Aucun : les brouillons sont affichés et rien n’est envoyé.',
  },
  ...helpdeskSettingsFr,
  'threecx.webhookSecret': {
    label: 'Secret du webhook',
    help: 'Envoyé par le modèle CRM du central, au moins 32 caractères ; sans lui, le webhook refuse toute requête.',
  },
  'threecx.callControl.url': {
    label: 'Adresse de 3CX',
    help: 'Adresse de sa console web : https://societe.my3cx.fr, avec :5001 si elle en a un.',
  },
  'threecx.callControl.clientId': {
    label: 'Client ID',
    help: 'Un client API avec le droit Call Control, réservé à ce hub.',
  },
  'threecx.callControl.clientSecret': { label: 'Clé API', help: '3CX ne la montre qu’une fois.' },
  'threecx.callControl.caFile': {
    label: 'Autorité de certification de 3CX',
    help: 'Fichier PEM sur la machine du hub, nécessaire seulement si le certificat ne vient pas d’une autorité publique.',
  },
  'analysis.kind': {
    label: 'Méthode',
    help: 'Si le modèle de langue local échoue, les règles intégrées prennent le relais.',
  },
  'analysis.url': { label: 'Adresse du modèle', help: 'Service compatible OpenAI sur votre réseau.' },
  'analysis.model': { label: 'Nom du modèle', help: 'Nom du modèle dans le service.' },
  'analysis.timeoutSeconds': {
    label: 'Délai (secondes)',
    help: 'Après ce délai, les règles intégrées prennent le relais.',
  },
  'dispatch.leaseSeconds': {
    label: 'Délai d’un worker (secondes)',
    help: 'Un worker silencieux pendant ce délai perd ses appels au profit d’un autre.',
  },
  'wallboard.names': {
    label: 'Noms des appelants',
    help: 'Ce que les tableaux muraux affichent. Les numéros y sont toujours masqués ; les titres des tickets et les paroles restent visibles.',
  },
  'quotas.unsealedRecordings': {
    label: 'Enregistrements inachevés d’un agent',
    help: 'Dont la fin n’est pas arrivée. Au-delà, de nouveaux sont refusés jusqu’à ce que certains s’achèvent ; les autres agents continuent.',
  },
  'quotas.openParts': {
    label: 'Parties d’enregistrements inachevés',
    help: 'Un appel en a une, et une de plus à chaque plantage de son PC.',
  },
  'quotas.megabytesPerDay': {
    label: 'Son d’un agent par jour (Mo)',
    help: 'De quoi rattraper un mois d’appels après une longue absence ; le reste suit le lendemain.',
  },
  'quotas.erasuresPerDay': {
    label: 'Effacements d’enregistrements inconnus par jour',
    help: 'Qu’un agent peut demander. Les effacements d’enregistrements présents sur le hub ne sont pas comptés.',
  },
  'quotas.reserveMegabytes': {
    label: 'Réserve sur le disque (Mo)',
    help: 'Les enregistrements la laissent libre pour la base de données, la connexion et les brouillons. Vide : 1 Gio ou 2 % du disque, 20 % au plus.',
  },
  'retention.audioDays': {
    label: 'Enregistrements (jours)',
    help: 'Supprimés après ce délai ; 0 : dès qu’ils sont transcrits.',
  },
  'retention.transcriptDays': { label: 'Transcriptions (jours)', help: 'Supprimées après ce délai.' },
}
