import type { Draft } from '@3cx-ninja/protocol'
import type { Topic } from '../texts/ticketTexts.ts'

// Words by which the rules judge, French and English. Stems end with '*'; a phrase must stand whole; 'word|' ends its clause.

/** What a call is about. The entry with most words wins; those of the problem's own sentence count more. */
export const CATEGORIES: readonly { readonly topic: Topic; readonly words: readonly string[] }[] = [
  {
    topic: 'printing',
    words: [
      'imprim*',
      'bourrage*',
      'toner',
      'cartouche*',
      'scanner',
      'scan',
      'photocopieu*',
      'printer*',
      'printing',
    ],
  },
  {
    topic: 'mail',
    words: [
      'messagerie',
      'mail',
      'mails',
      'e-mail*',
      'email*',
      'courriel*',
      'outlook',
      'boîte aux lettres',
      'mailbox',
      'pièce jointe',
      'pièces jointes',
      'attachment*',
    ],
  },
  {
    topic: 'access',
    words: [
      'mot de passe',
      'mots de passe',
      'identifiant*',
      'connexion refusée',
      'compte bloqué',
      'compte verrouillé',
      'verrouillé*',
      'session',
      'compte utilisateur',
      'account',
      'password*',
      'locked out',
      'login',
    ],
  },
  {
    topic: 'network',
    words: ['réseau', 'internet', 'wifi', 'wi-fi', 'vpn', 'routeur', 'borne', 'connexion', 'network'],
  },
  {
    topic: 'telephony',
    words: [
      'standard téléphonique',
      'téléphone',
      'poste téléphonique',
      'casque',
      'sonnerie',
      'softphone',
      'headset',
    ],
  },
  {
    topic: 'server',
    words: ['serveur*', 'sauvegarde*', 'partage', 'dossier partagé', 'server*', 'backup*'],
  },
  {
    topic: 'security',
    words: [
      'virus',
      'hameçonnage',
      'phishing',
      'pirat*',
      'rançon*',
      'spam',
      'antivirus',
      'ransomware',
      'fausse facture',
      'faux mail',
      'arnaque*',
      'cliqué sur un lien',
      'cliqué sur une fausse',
      'suspect',
      'suspecte',
      'expéditeur',
      'clicked on a link',
      'clicked a link',
      'hacked',
    ],
  },
  {
    topic: 'hardware',
    words: [
      'écran*',
      'clavier*',
      'souris',
      'ordinateur*',
      'portable',
      'unité centrale',
      'batterie',
      'chargeur',
      'disque',
      'laptop*',
      'keyboard',
      'screen',
      'monitor',
    ],
  },
  {
    topic: 'software',
    words: [
      'logiciel*',
      'application*',
      'excel',
      'word',
      'teams',
      'mise à jour',
      'licence*',
      'installer',
      'installation',
      'software',
      'update',
    ],
  },
]

/** The caller says so himself: it counts whatever comes of the call. */
export const URGENT: readonly string[] = [
  'urgent', 'urgente', 'urgents', 'urgence', 'en urgence', 'urgently', 'critique', 'au plus vite', 'tout de suite', 'immédiatement', 'asap', 'right away', 'immediately', 'emergency', 'critical', 'rançon*', 'virus', 'piraté', 'piratés', 'piratée', 'ransomware', 'hacked',
] // prettier-ignore

/** Something stands still, or has to be done by a certain time: it counts as long as it is not solved. */
export const PRESSING: readonly string[] = [
  'bloqué', 'bloquée', 'bloqués', 'bloquées', 'personne ne peut', 'personne ne peuvent', 'plus personne', "toute l'équipe", 'tout le service', 'tout le bureau', 'tout le magasin', "toute l'agence", 'tous les postes', 'tous bloqués', "à l'arrêt", 'production arrêtée', 'on ne peut plus travailler', 'ne peuvent plus travailler', 'ne pouvons plus travailler', 'ne peux plus travailler', 'ne plus travailler', 'avant midi', 'avant ce soir', 'avant demain', "d'ici ce soir", "d'ici midi", 'dans une heure', 'is down', 'are down', 'whole office', 'whole team', 'nobody can', 'no one can', 'cannot work', "can't work", 'blocked', 'stuck', 'before noon', 'by noon', 'by tonight',
] // prettier-ignore
/** "avant quatorze heures", "avant 14 h", "by 3 pm": a time by which it must be done. */
export const DEADLINE =
  /\bavant (?:[\p{L}-]+|\d{1,2}) ?(?:heures?|h)(?![\p{L}])|\b(?:by|before) \d{1,2}(?::\d\d)? ?(?:am|pm|o'clock)/u

/** It can wait. */
export const NOT_PRESSING: readonly string[] = [
  'quand vous pourrez', 'quand vous aurez le temps', 'quand vous avez le temps', 'pas pressé', 'pas pressée', 'rien de pressé', 'rien de grave', 'peut attendre', 'pas urgent', 'pas urgente', 'une question', 'juste une information', 'juste un renseignement', 'combien coûte', 'no rush', 'no hurry', 'not urgent', 'can wait', 'whenever you', 'when you have time', 'just a question', 'quick question',
] // prettier-ignore

export const SENTIMENTS: readonly { readonly name: Draft['sentiment']; readonly words: readonly string[] }[] =
  [
    {
      name: 'negative',
      words: [
        'inadmissible', 'inacceptable', 'scandaleux', 'mécontent*', 'en colère', 'ras le bol', 'ça fait trois fois', 'ça fait deux fois', 'troisième fois', 'quatrième fois', 'encore en panne', 'toujours pas', 'insupportable', 'déçu', 'déçue', 'exaspér*', 'énervé', 'énervée', 'marre', 'honteux', 'se moque', 'perdu confiance', 'unacceptable', 'angry', 'frustrat*', 'disappointed', 'third time', 'fed up', 'ridiculous', 'still not working',
      ], // prettier-ignore
    },
    {
      name: 'positive',
      words: [
        'merci beaucoup', 'mille mercis', 'parfait', 'super|', 'super merci', "c'est super|", 'génial', 'ça marche', 'impeccable', 'excellent', 'formidable', 'nickel', 'thank you so much', 'thanks a lot', 'perfect', 'great|', "that's great", 'awesome', 'brilliant', 'wonderful', 'it works',
      ], // prettier-ignore
    },
  ]

/** A sentence with one of these tells the problem itself. */
export const PROBLEM_WORDS: readonly string[] = [
  'ne répond plus', 'ne répond pas', 'ne marche plus', 'ne marche pas', 'marche plus', 'marche pas', 'ne fonctionne plus', 'ne fonctionne pas', 'fonctionne pas', 'ne démarre plus', 'ne démarre pas', "ne s'allume plus", "ne s'allume pas", "ne s'ouvre plus", "ne s'ouvre pas", 'ne peux plus', 'ne peux pas', 'ne peut plus', 'ne peut pas', "n'arrive plus", "n'arrive pas", "n'arrivons plus", "n'imprime plus", "n'ai plus", "n'avons plus", "n'y a plus", 'ne reçois plus', 'ne reçoit plus', 'ne vois plus', 'ne trouve plus', 'en panne', 'bloqué', 'bloquée', 'bloqués', 'verrouillé', 'verrouillée', 'refuse', 'refusé', 'refusée', 'perdu', 'plante', 'plantent', 'planté', 'lent', 'lente', 'lents', 'coupé', 'cassé', 'cassée', 'impossible', 'oublié', 'expiré', 'recommence', 'coupe', 'fausse facture', 'piraté', 'virus', "doesn't work", "don't work", 'not working', 'stopped working', "won't start", "won't open", "won't print", 'broken', 'crashes', 'crashed', 'is down', 'locked out', 'cannot', "can't", 'forgot', 'lost', 'slow', 'expired', 'jammed',
] // prettier-ignore
/** A sentence with one of these announces a problem or a request; its content may stand in another. */
export const REQUEST_WORDS: readonly string[] = [
  'problème', 'souci', 'erreur', 'besoin', 'voudrais', "j'aimerais", 'il me faudrait', 'faudrait', 'demande', 'error', 'problem', 'issue', 'trouble', 'need', "i'd like", 'would like',
] // prettier-ignore

/** It works again: said of the matter itself. */
export const RESOLVED: readonly string[] = [
  "c'est résolu", 'est résolu', 'problème résolu', "c'est réglé", 'est réglé', "c'est réparé", 'est réparé', 'ça remarche', 'ça refonctionne', 'ça fonctionne', 'fonctionne à nouveau', 'fonctionne de nouveau', 'fonctionne maintenant', 'marche maintenant', 'marche à nouveau', 'marche de nouveau', 'remarche', 'tout fonctionne', 'tout marche', 'tout est vert', 'tout est revenu', "c'est revenu", 'je suis connecté', 'je suis connectée', "j'ai accès", 'bien imprimée', 'bien imprimé', "ça s'imprime", 'est débloqué', 'est débloquée', "c'est débloqué", 'est rétabli', 'est rétablie', 'it works', 'works now', 'works again', "it's working", 'is working', 'working again', 'fixed', 'solved', 'resolved', 'back online', 'that did it', "i'm in|", 'i am in|',
] // prettier-ignore
/** Mean "it works", or only "agreed": what was said just before decides. */
export const RESOLVED_OR_AGREED: readonly string[] = ['ça marche', "c'est bon|", 'that works|', 'all good|']
/** Said before, they make it a request or a condition: "dites-moi si ça marche". */
export const CONDITIONS: readonly string[] = ['si', 'quand', 'dès que', 'dites-moi', 'jusqu', 'pour que', 'if', 'when', 'whether', 'until', 'once', 'sinon'] // prettier-ignore

/** Said just before a word, these turn it into its contrary: "ce n'est pas urgent". */
export const NEGATIONS: readonly string[] = ['pas', 'plus', 'jamais', 'aucun', 'aucune', 'rien', 'sans', 'ni', 'not', 'no', 'never', 'nothing', "isn't", "wasn't", "aren't", "doesn't", "don't"] // prettier-ignore
/** Words that may stand between a negation and what it negates: "pas du tout urgent", "rien d'urgent", "not that urgent". */
export const FILLERS: readonly string[] = ['très', 'trop', 'vraiment', 'si', 'du', 'tout', 'de', "d'", 'particulièrement', 'forcément', 'spécialement', 'super', 'encore', 'une', 'un', 'that', 'very', 'really', 'so', 'too', 'at', 'all', 'particularly', 'an', 'a', 'any'] // prettier-ignore
