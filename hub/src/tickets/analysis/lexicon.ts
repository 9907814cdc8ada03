import type { Draft, Priority } from '@3cx-ninja/protocol'

// Words by which the rules judge, French and English. Stems end with '*'; a phrase must stand whole.
export const CATEGORIES: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  {
    name: 'Impression',
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
    name: 'Messagerie',
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
    ],
  },
  {
    name: 'Mot de passe et accès',
    words: [
      'mot de passe',
      'mots de passe',
      'identifiant*',
      'connexion refusée',
      'compte bloqué',
      'compte verrouillé',
      'password*',
      'locked out',
      'login',
    ],
  },
  {
    name: 'Réseau',
    words: ['réseau', 'internet', 'wifi', 'wi-fi', 'vpn', 'routeur', 'borne', 'connexion', 'network'],
  },
  {
    name: 'Téléphonie',
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
    name: 'Serveur et sauvegarde',
    words: ['serveur*', 'sauvegarde*', 'partage', 'dossier partagé', 'server*', 'backup*'],
  },
  {
    name: 'Sécurité',
    words: ['virus', 'hameçonnage', 'phishing', 'pirat*', 'rançon*', 'spam', 'antivirus', 'ransomware'],
  },
  {
    name: 'Matériel',
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
    name: 'Logiciel',
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

export const PRIORITIES: readonly { readonly name: Priority; readonly words: readonly string[] }[] = [
  {
    name: 'HIGH',
    words: [
      'urgent',
      'urgence',
      'urgente',
      'bloqué',
      'bloquée',
      'bloqués',
      'plus personne ne peut',
      'toute l’équipe',
      "toute l'équipe",
      "à l'arrêt",
      'production arrêtée',
      'avant midi',
      'tout de suite',
      'immédiatement',
      'au plus vite',
      'critique',
      'virus',
      'rançon*',
      'down',
      'asap',
      'urgently',
      'blocked',
      'right away',
    ],
  },
  {
    name: 'LOW',
    words: [
      'quand vous pourrez',
      'pas pressé',
      'rien de pressé',
      'pas urgent',
      'une question',
      'juste une information',
      'combien coûte',
      'no rush',
      'not urgent',
      'whenever',
    ],
  },
]

export const SENTIMENTS: readonly { readonly name: Draft['sentiment']; readonly words: readonly string[] }[] =
  [
    {
      name: 'negative',
      words: [
        'inadmissible',
        'scandaleux',
        'mécontent*',
        'en colère',
        'ras le bol',
        'ça fait trois fois',
        'encore en panne',
        'toujours pas',
        'insupportable',
        'déçu',
        'déçue',
        'unacceptable',
        'angry',
        'frustrat*',
        'disappointed',
      ],
    },
    {
      name: 'positive',
      words: [
        'merci beaucoup',
        'parfait',
        'super',
        'génial',
        'ça marche',
        'impeccable',
        'excellent',
        'formidable',
        'thank you so much',
        'perfect',
        'great',
        'it works',
      ],
    },
  ]

/** A sentence with one of these tells the problem. */
export const PROBLEM_WORDS: readonly string[] = [
  'ne répond plus', 'ne répond pas', 'ne marche plus', 'ne marche pas', 'ne fonctionne plus', 'ne fonctionne pas', 'ne démarre plus', 'ne démarre pas', "ne s'allume plus", 'ne peux plus', 'ne peut plus', "n'arrive plus", "n'arrive pas", "n'ai plus", 'en panne', 'erreur', 'problème', 'bloqué', 'bloquée', 'perdu', 'plante', 'lent', 'lente', 'impossible', 'besoin', 'oublié', 'voudrais', "j'aimerais", "doesn't work", 'not working', 'broken', 'error', 'cannot', "can't", 'problem', 'issue', 'forgot', 'need',
] // prettier-ignore

/** A sentence of the technician with one of these is an action: asked for, or promised. */
export const ACTION_WORDS: readonly string[] = [
  'je vous rappelle', 'je vous envoie', 'je vais', "j'envoie", 'je ferme le ticket', "j'ouvre", 'je crée', 'je transmets', 'je regarde', 'nous allons', 'on passe', 'pouvez-vous', 'redémarrez', 'débranch*', 'rebranch*', 'patientez', 'vérifiez', 'éteignez', 'rallumez', 'cliquez', 'essayez', 'fermez', 'ouvrez', "i'll", 'i will', 'please restart', 'restart', 'unplug', 'try', 'check',
] // prettier-ignore

/** Said just before a word, these turn it into its contrary: "ce n'est pas urgent". */
export const NEGATIONS: readonly string[] = [
  'pas',
  'plus',
  'jamais',
  'aucun',
  'aucune',
  'rien',
  'sans',
  'not',
  'no',
  'never',
  "isn't",
  'ni',
]
