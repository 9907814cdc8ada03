// How technicians speak, French and English, as patterns over plain text (lower case, plain apostrophes).

/** A pattern of whole words. JavaScript's own word boundary knows no accents: before "à" it sees none. */
function spoken(...alternatives: readonly string[]): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${alternatives.join('|')})(?![\\p{L}\\p{N}])`, 'u')
}

/** Verbs of the trade, by their stem: what is done to machines, programs and accounts. */
const STEM = '(?:re)?(?:débranch|branch|redémarr|démarr|éteign|rallum|allum|cliqu|ferm|ouvr|vérifi|essay|test|appuy|tap|déconnect|connect|désinstall|install|lanc|supprim|effac|vid|retir|mett|chang|remplac|imprim|copi|enregistr|décoch|coch|choisiss|sélectionn|saisiss|entr|réinitialis|débloqu|bloqu|déverrouill|restaur|désactiv|activ|configur|paramétr|charg|actualis|nettoy|déplac|autoris|corrig|répar|mainten(?!ant))' // prettier-ignore
const WAIT = '(?:patient|attend)'
const VERB = '(?:restart|reboot|unplug|plug|turn|switch|click|open|close|check|try|press|type|enter|log|sign|install|uninstall|reinstall|update|remove|delete|run|wait|hold|reset|reconnect|disconnect|connect|print|replace|change|clear|select|unlock|restore)' // prettier-ignore
const BEFORE = '(?:^|[,;:] |et |puis |donc |ensuite |alors )'

/** "Débranchez la prise", "puis faites un test". */
export const IMPERATIVE = new RegExp(`${BEFORE}(?:(?:${STEM}|${WAIT})\\p{L}*ez|faites|refaites|allez (?:dans|sur))(?![\\p{L}])`, 'u') // prettier-ignore
/** "Pouvez-vous débrancher la prise ?" */
export const ASKED = spoken(
  `(?:pouvez-vous|pourriez-vous|vous pouvez|vous pourriez|je vous laisse|vous demander de|merci de|essayez de|il suffit de) (?:me |m'|le |la |les |l'|y |bien |maintenant |juste )*(?:(?:${STEM}|${WAIT})\\p{L}*|faire)`,
)
export const ASKED_ENGLISH = new RegExp(`(?:^|[,;:] |\\bplease |\\band |\\bthen |\\bcould you |\\bcan you |\\byou can |\\btry to |\\bnow )(?:please |just |try to )*${VERB}\\b`, 'u') // prettier-ignore
export const POLITE_QUESTION_ENGLISH = spoken('(?:could|can|would) you')
/** "J'ai réinitialisé votre mot de passe", "je prends la main", "I've restarted it". */
export const DOING = spoken(
  `(?:je|j'|on|nous) ?(?:vous |le |la |les |l'|lui |en |ai |avons |l'ai |les ai |viens de )*(?:${STEM}\\p{L}*|prends la main)`,
  `(?:i've|i have|i just|i'm|we've|i am) (?:just |now )?${VERB}\\p{L}*`,
)

const WHOM = "(?:vous |le |la |les |lui |leur |l'|m'en |m'y |en )*"
/** "Je vous rappelle", "on passera demain", "I'll send you the form". */
export const PROMISE = spoken(
  'je vais',
  `je ${WHOM}(?:rappelle|rappellerai|envoie|enverrai|transmets|transmettrai|commande|commanderai|occupe|occuperai|ferai|passe|passerai|viendrai|reviens|reviendrai|tiens au courant|tiendrai|préviens|préviendrai|programme|programmerai|prévois|installerai|regarderai|vérifierai|appellerai|demanderai|remplacerai|relance demain)`,
  "j'(?:envoie|enverrai|appellerai|installerai|irai)",
  `(?:on|nous) ${WHOM}(?:va|allons|rappelle|rappellera|envoie|enverra|passe|passera|passerons|reviendra|reviendrons|viendra|remplacera|remplacerons|enverrons|rappellerons|tient au courant|installera|installerons)`,
  'passera|viendra|interviendra|vous rappellera|vous contactera|sera (?:livré|livrée|remplacé|remplacée|fait|faite)',
  "i'll|i will|we'll|we will|i'm going to|we're going to|(?:technician|colleague|engineer) will",
)
/** "Vous devez changer votre mot de passe", "n'ouvrez pas la pièce jointe". */
export const DUTY = spoken(
  'vous (?:devez|devrez|devriez|aurez à)|il (?:faut|faudra|faudrait|vous faudra|vous faut)',
  "pensez (?:à|bien)|n'oubliez pas|évitez",
  '(?:rappelez|recontactez|renvoyez|envoyez|prévenez|transmettez)-(?:moi|nous|le|la)',
  "(?:ne |n')(?:y |le |la |l')*(?:touchez|ouvrez|cliquez|redémarrez|répondez|éteignez|branchez|installez|supprimez|utilisez) (?:surtout )?(?:pas|plus|rien|jamais)",
  "you (?:must|have to|need to|should)|remember to|make sure|don't forget|call (?:us|me)|send (?:me|us)",
  "do(?:n't| not) (?:open|click|touch|restart|reply|use|turn)",
)

/** Politeness: no action. */
export const POLITE = spoken(
  "n'hésitez pas|don't hesitate|feel free",
  '(?:patientez|attendez|restez|un|une) (?:un |une |en )*(?:petit |petite )?(?:instant|seconde|moment|minute|ligne)',
  'ne quittez pas|hold on|hold the line|one moment|bear with me',
  'je vous (?:écoute|remercie|souhaite|en prie)|je comprends|i understand|i see',
  "(?:me |m')?(?:épeler|rappeler votre|répéter|donner votre|donner le numéro|dire)",
)
/** Bookkeeping of the ticket itself: the product does it. */
export const BOOKKEEPING = spoken(
  '(?:ferme|fermer|clôture|clôturer|clos|crée|créer|ouvre|ouvrir|ouvert|créé|close|closing|create|open|opened) (?:donc |a |the |your |le |un |votre |ce |de |you a )*(?:ticket|dossier|demande|case)',
  '(?:ticket|dossier|demande) (?:porte|a) le numéro',
)
/** The technician checks something while the caller waits: no line of a ticket. */
export const CHECKING = spoken(
  'je (?:vais )?(?:regarde|regarder|voir|vois|vérifie|vérifier|jeter|jette|consulte|consulter|cherche|chercher|vous passer|vous mettre|vous passe|vous mets|vous transférer|vous poser|avoir besoin)',
  'je vais vous demander (?:votre|vos|le nom|le numéro)|on va (?:regarder|voir|vérifier)|on regarde',
  "(?:i'll|i will|let me|i'm going to) (?:just )?(?:check|have a look|take a look|look|see|put you)",
)
/** An action that begins at once: no promise for later. */
export const AT_ONCE = spoken(
  'je vais (?:prendre la main|essayer|tester|me connecter)|on va (?:essayer|tester)',
  "(?:i'll|i will|let me) (?:just )?try",
)
/** An action that depends on an event. */
export const CONDITIONAL = new RegExp("(?:^|[,;] |mais |et |but |and )(?:sinon|si|if|otherwise)(?![\\p{L}'])|(?:rappelez|recontactez|call)[- ](?:moi|nous|me|us),? (?:si|if)(?![\\p{L}])", 'u') // prettier-ignore

/** A time after this call, whatever its outcome. */
export const LATER = spoken(
  "demain|ce soir|cet après-midi|tout à l'heure|plus tard|dans la (?:journée|matinée|semaine|soirée)|la semaine prochaine|lundi|mardi|mercredi|jeudi|vendredi|samedi|dès que|une fois que|prochainement",
  "d'ici (?:ce soir|demain|midi|lundi|vendredi|une heure|la fin)|(?:avant|vers|à) (?:midi|[\\p{L}-]+ heures?|\\d+ ?h(?:eures?)?)|avant (?:ce soir|demain)",
  'dans (?:une|deux|trois|quelques|\\d+) (?:heures?|jours?|semaines?)',
  'tomorrow|tonight|this afternoon|later|next week|monday|tuesday|wednesday|thursday|friday|as soon as|by \\d+|in an hour|within',
)
/** Actions that cannot happen during the call. */
export const NEVER_NOW = spoken(
  'rappelle|rappellerai|rappellera|recontacte|call (?:you )?back|call you|passera|passerai|viendra|interviendra|will (?:come|call|visit)|sur place|on site|commande|commanderai|tiens au courant|surtout',
  "(?:ne |n')(?:y |le |la |l')*(?:touchez|ouvrez|cliquez|répondez|utilisez)|do(?:n't| not)",
)

export const CALLERS_PROMISE = spoken(
  'je vous (?:rappelle|envoie|rappellerai|enverrai|transmets)|je vais vous (?:envoyer|rappeler)',
  "i'll (?:call you|send you)",
)
/** "Voilà, c'est fait." */
export const SAYS_DONE = /^(?:(?:voilà|ok|oui|d'accord|ça y est|yes|okay)[, ]+)*(?:c'est fait|je l'ai fait|it's done|done|voilà)(?![\p{L}])/u // prettier-ignore

export const OPENING = /^(?:(?:très bien|d'accord|ok|okay|oui|non|parfait|alors|bien|bon|voilà|donc|je comprends|entendu|tout à fait|all right|alright|right|great|sure|yes|no|well|so)[\s,.!]+)+/iu // prettier-ignore
export const ASKING = /^(?:est-ce que )?(?:pouvez-vous|pourriez-vous|vous pouvez|vous pourriez|could you|can you|please)(?: s'il vous plaît| please)?,? (?:me |m['’])?/iu // prettier-ignore
