import { helpdesksFr } from '../helpdesks/texts.ts'
import { frForms } from './frForms.ts'
import { frLive } from './frLive.ts'
import { frSections } from './frSections.ts'

/** Every text of the admin page. {names} are placeholders; the language's plural rule chooses `.one` or `.other`. */
export const fr = {
  ...frSections,
  ...frForms,
  ...frLive,
  ...helpdesksFr,
  title: 'Administration',
  pair: '{label} : {value}',
  skip: 'Aller au contenu',
  nav: 'Rubriques',
  'nav.overview': 'Vue d’ensemble',
  'nav.keys': 'Clés d’inscription',
  'nav.clients': 'Postes inscrits',
  'nav.settings': 'Réglages',
  'nav.helpdesk': 'Helpdesk',
  'nav.threecx': '3CX',
  'nav.outbox': 'Envois',
  'choose.language': 'Langue',
  'choose.theme': 'Apparence',
  'theme.auto': 'Système',
  'theme.light': 'Clair',
  'theme.dark': 'Sombre',
  signOut: 'Se déconnecter',
  copy: 'Copier',
  copied: 'Copié',
  'copy.byHand': 'Sélectionné : copiez avec Ctrl+C',
  cancel: 'Annuler',
  revoke: 'Révoquer',
  retry: 'Réessayer',
  go: 'Ouvrir',
  'days.one': '{n} jour',
  'days.other': '{n} jours',
  'kind.agent': 'Agent',
  'kind.worker': 'Worker',
  'kind.wallboard': 'Tableau mural',
  'kind.any': 'Tout type',
  justNow: 'à l’instant',
  soon: 'dans un instant',
  'role.agent': 'Agent (poste de technicien)',
  'role.worker': 'Worker (transcription)',
  'role.wallboard': 'Tableau mural (écran de supervision)',
  'role.any': 'Tout type',
  'unsaved.title': 'Quitter sans enregistrer ?',
  'unsaved.text': 'Des réglages ont été modifiés et ne sont pas enregistrés.',
  'unsaved.yes': 'Quitter sans enregistrer',
  'unsaved.no': 'Rester',
  'restart.title': 'Le hub doit redémarrer',
  'restart.text':
    'Enregistré, mais pas encore appliqué : {names}. Ces réglages prennent effet au prochain démarrage du hub ; pendant ce temps, les postes continuent d’enregistrer.',
  'signedOut.title': 'Administration du hub',
  'signedOut.signed-out':
    'Ce navigateur n’a pas de session, ou sa session a expiré : une session dure 12 heures.',
  'signedOut.left': 'Vous êtes déconnecté.',
  'signedOut.used': 'Ce lien a déjà servi : chaque lien n’ouvre qu’une session.',
  'signedOut.expired': 'Ce lien a expiré : un lien est valable une demi-heure.',
  'signedOut.unknown': 'Ce lien n’appartient pas à ce hub, ou le hub a redémarré depuis.',
  'signedOut.too-many-attempts':
    'Trop de liens non valides depuis cette adresse : attendez une minute, puis réessayez.',
  'signedOut.unreachable':
    'Le hub ne répond pas. Vérifiez qu’il est démarré et que ce poste est sur son réseau, puis réessayez.',
  'signedOut.how':
    'Demandez un lien à un administrateur déjà connecté (Vue d’ensemble), ou redémarrez le hub sur sa machine avec :',
  'signedOut.where':
    'Le lien est écrit dans le journal du hub (hub.ready, adminLink). Il ouvre une session, une seule fois, pendant une demi-heure.',
  'failure.unreachable':
    'Le hub ne répond pas : vérifiez qu’il est démarré. Les listes se rechargent automatiquement ; sinon, rechargez cette page.',
  'failure.unexpected-answer':
    'Le hub a envoyé une réponse inattendue. Rechargez cette page : elle est peut-être plus ancienne que le hub.',
  'failure.csrf': 'Le hub ne reconnaît plus cette page : rechargez-la.',
  'failure.internal': 'Le hub n’a pas pu traiter cette demande. La raison figure dans son journal.',
  'failure.not-saved':
    'Le fichier de réglages ne peut pas être écrit. Libérez de l’espace disque, ou donnez à l’utilisateur du hub le droit d’y écrire. Rien n’a été modifié.',
  'failure.not-configured': 'Le helpdesk n’est pas encore configuré.',
} as const

export type TextKey = keyof typeof fr
