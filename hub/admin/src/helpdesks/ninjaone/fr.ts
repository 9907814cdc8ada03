import type { SettingWords } from '../../texts/settingWords.ts'

/** Texts of the admin page that only NinjaOne needs, in French. */
export const ninjaoneFr = {
  'ninjaone.lead':
    'Le hub crée les tickets au nom d’un technicien de NinjaOne, qui se connecte ici une fois.',
  'ninjaone.not-configured':
    'Créez d’abord un client API (voir ci-dessous), puis saisissez son adresse, son identifiant et son secret dans les réglages, et redémarrez le hub. D’ici là, les tickets attendent sur le hub.',
  'helpdesk.test.statuses': 'Statuts des tickets',
  'helpdesk.test.boards': 'Tableaux',
  'ninjaone.how': 'Créer le client API',
  'ninjaone.how.text': 'Dans la console de NinjaOne. Il faut un administrateur système.',
  'ninjaone.how.1': 'Ouvrez Administration → Apps → API → Client app IDs → Add.',
  'ninjaone.how.2':
    'Choisissez la plateforme Web. Ni Native (son adresse de retour ne se règle pas), ni API Services (sans jeton d’actualisation).',
  'ninjaone.how.3': 'Ajoutez cette adresse de retour, exactement :',
  'ninjaone.how.4':
    'Cochez les autorisations Authorization Code et Refresh Token, et les portées Monitoring et Management.',
  'ninjaone.how.5':
    'Copiez le secret : NinjaOne ne le montre qu’une fois. Saisissez-le avec l’identifiant dans les réglages de NinjaOne, puis redémarrez le hub.',
  'ninjaone.how.6':
    'Revenez ici et connectez-vous, de préférence avec un technicien de service autorisé à créer et à modifier des tickets dans chaque organisation.',
  'ninjaone.how.why':
    'Pourquoi un technicien se connecte : d’autres intégrations signalent que NinjaOne refuse les tickets d’un client sans utilisateur (403, user_context_required). Ensuite, le hub renouvelle son accès automatiquement.',
  'ninjaone.redirect': 'Adresse de retour (redirect URI)',
  'fault.ninjaone-in-clear':
    'L’adresse commence par http : le secret traverserait le réseau en clair. Utilisez https.',
  'group.ninjaone': 'NinjaOne',
  'choice.helpdesk.kind.ninjaone': 'NinjaOne',
} as const

export const ninjaoneSettingsFr: Readonly<Record<string, SettingWords>> = {
  'ninjaone.host': {
    label: 'Adresse de l’instance',
    help: 'Celle de votre région : https://eu.ninjarmm.com, app, us2, ca, oc… Rien n’est envoyé tant qu’elle est vide.',
  },
  'ninjaone.clientId': {
    label: 'Identifiant du client API',
    help: 'Plateforme Web, Authorization Code et Refresh Token.',
  },
  'ninjaone.clientSecret': { label: 'Secret du client API', help: 'N’est jamais réaffiché.' },
  'ninjaone.organizationId': {
    label: 'Organisation des appelants inconnus',
    help: 'Numéro de l’organisation qui reçoit leurs tickets. Sans elle, leurs tickets attendent qu’un technicien en choisisse une dans le brouillon.',
  },
  'ninjaone.ticketFormId': {
    label: 'Formulaire de ticket',
    help: 'Numéro du formulaire des nouveaux tickets.',
  },
  'ninjaone.statusName': {
    label: 'Statut des nouveaux tickets',
    help: 'Nom système du statut dans NinjaOne.',
  },
  'ninjaone.boardName': {
    label: 'Tableau de tous les tickets',
    help: 'Doit contenir tous les tickets avec leurs étiquettes : le hub y cherche après une réponse incertaine, avant de renvoyer.',
  },
  'ninjaone.requestsPerSecond': {
    label: 'Requêtes par seconde (maximum)',
    help: 'Limite de toutes les requêtes du hub vers NinjaOne.',
  },
}
