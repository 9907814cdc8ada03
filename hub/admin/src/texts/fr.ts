import { helpdesksFr } from '../helpdesks/texts.ts'
import { frForms } from './frForms.ts'
import { frLive } from './frLive.ts'
import { frSections } from './frSections.ts'

/** Every sentence of the admin page. {names} are filled in; `.one`/`.other` by the plural rule of the language. */
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
  'nav.members': 'Membres',
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
  'kind.wallboard': 'Mur',
  'kind.any': 'Tout type',
  justNow: 'à l’instant',
  soon: 'dans un instant',
  'role.agent': 'Agent (poste de technicien)',
  'role.worker': 'Worker (transcription)',
  'role.wallboard': 'Mur (écran de supervision)',
  'role.any': 'Tout type',
  'unsaved.title': 'Quitter sans enregistrer ?',
  'unsaved.text': 'Des réglages ont été modifiés et ne sont pas enregistrés.',
  'unsaved.yes': 'Quitter sans enregistrer',
  'unsaved.no': 'Rester',
  'restart.title': 'Le hub doit redémarrer',
  'restart.text':
    'Enregistré, mais pas encore appliqué : {names}. Les réglages prennent effet au prochain démarrage du hub ; les enregistrements continuent sur les postes pendant ce temps.',
  'signedOut.title': 'Administration du hub',
  'signedOut.signed-out': 'Ce navigateur n’a pas de session, ou elle est terminée : elles durent 12 heures.',
  'signedOut.left': 'Vous êtes déconnecté.',
  'signedOut.used': 'Ce lien a déjà servi : chaque lien n’ouvre qu’une session.',
  'signedOut.expired': 'Ce lien a plus d’une demi-heure : il ne vaut plus rien.',
  'signedOut.unknown': 'Ce lien n’est pas de ce hub, ou le hub a redémarré depuis.',
  'signedOut.too-many-attempts':
    'Trop de liens erronés depuis cette adresse : attendez une minute, puis réessayez.',
  'signedOut.unreachable':
    'Le hub ne répond pas. Vérifiez qu’il est démarré et que ce poste est sur son réseau, puis réessayez.',
  'signedOut.how':
    'Demandez un lien à un administrateur déjà connecté (Vue d’ensemble), ou redémarrez le hub sur sa machine avec :',
  'signedOut.where':
    'Le lien est écrit dans le journal du hub (hub.ready, adminLink). Il ouvre une session, une seule fois, pendant une demi-heure.',
  'failure.unreachable':
    'Le hub ne répond pas : vérifiez qu’il est démarré. Les listes réessaient d’elles-mêmes ; sinon, rechargez cette page.',
  'failure.unexpected-answer':
    'Le hub a répondu autrement que prévu : rechargez cette page, elle est peut-être plus ancienne que lui.',
  'failure.csrf': 'Cette page n’est plus reconnue par le hub : rechargez-la.',
  'failure.internal': 'Le hub a échoué sur cette demande ; son journal dit pourquoi.',
  'failure.not-saved':
    'Le fichier de réglages ne peut pas être écrit : libérez de la place, ou donnez à l’utilisateur du hub le droit d’y écrire. Rien n’a été changé.',
  'failure.not-configured': 'Le helpdesk n’est pas encore réglé.',
} as const

export type TextKey = keyof typeof fr
