/** Texts of the live calls that 3CX reports, in French. */
export const frLive = {
  'part.threecx': '3CX',
  'go.threecx': 'Ouvrir 3CX',
  'cause.threecx.degraded': 'Le hub ne reçoit pas les appels de 3CX en direct, ou pas tous.',
  'remedy.threecx.degraded':
    'La rubrique 3CX indique pourquoi. Les agents continuent de détecter les appels.',
  'live.title': 'Les appels en direct (Call Control)',
  'live.text':
    'Avec 3CX V20 et une licence Enterprise (8SC+) ou AI, le hub suit chaque appel dès la sonnerie, avec le numéro et le sens, quel que soit le téléphone du technicien.',
  'live.how': 'À faire dans 3CX',
  'live.how.1':
    'Dans 3CX : Admin console → Integrations → API → Add. Le client ID est un numéro interne ou un nom libre, réservé à ce hub : un seul programme peut utiliser un client.',
  'live.how.2': 'Cochez « Call Control ». Rien d’autre n’est nécessaire.',
  'live.how.3':
    'Inscrivez les extensions des techniciens sur ce client, une par une : les groupes ne sont pas acceptés.',
  'live.how.4': 'Enregistrez, et copiez la clé API : 3CX ne la montre qu’une fois.',
  'live.how.5':
    'Dans les réglages de cette page : l’adresse de la console web de 3CX, le client ID, la clé. Testez, puis redémarrez le hub.',
  'live.restart':
    'Les réglages enregistrés diffèrent de ceux en vigueur : ils s’appliquent au prochain démarrage du hub.',
  'live.token-shared': 'Un autre programme utilise le même client.',
  'live.token-shared.text':
    'Un client n’a qu’un jeton valable à la fois : chaque programme invalide celui de l’autre. Créez un client réservé à ce hub.',
  'live.extensions': 'Extensions visibles',
  'live.legs': 'En appel maintenant',
  'live.last': 'Dernier événement d’appel',
  'live.last.none': 'aucun depuis le démarrage',
  'live.unseen.one': '{n} technicien dont 3CX n’annonce pas les appels :',
  'live.unseen.other': '{n} techniciens dont 3CX n’annonce pas les appels :',
  'live.unseen.text':
    'Inscrivez leurs extensions sur le client dans 3CX. D’ici là, seul leur poste détecte leurs appels.',
  'live.blind': 'Connecté, mais le client ne voit aucune extension.',
  'live.blind.text':
    'Dans 3CX : Integrations → API : inscrivez les extensions des techniciens sur ce client, une par une.',
  'live.at.off': 'Non configuré.',
  'live.at.off.text': 'Les agents détectent les appels par eux-mêmes.',
  'live.at.half': 'Partiellement configuré.',
  'live.at.half.text':
    'Il manque : {missing}. Complétez ces réglages ou videz-les tous, puis redémarrez le hub.',
  'live.at.saved': 'Enregistré.',
  'live.at.saved.text':
    'En vigueur au prochain démarrage du hub : {url}. Le test ci-dessous peut se faire avant.',
  'live.at.opening': 'Connexion…',
  'live.at.opening.text': '{url}',
  'live.at.open': 'Connecté.',
  'live.at.open.text': '{url}, depuis le {since}.',
  'live.at.waiting': 'Non connecté.',
  'live.at.waiting.text': 'Nouvel essai {again} : {url}. Les agents continuent de détecter les appels.',
  'live.at.stopped': 'Arrêté.',
  'live.at.stopped.text': 'Le hub s’arrête.',
  'live.cause.unknown-host': 'Le nom du central ne peut pas être résolu.',
  'live.remedy.unknown-host': 'Corrigez l’adresse, ou la configuration DNS de la machine du hub.',
  'live.cause.no-connection': 'Le central ne répond pas.',
  'live.remedy.no-connection':
    'Vérifiez l’adresse et le port (443 ou 5001, celui de sa console web), le pare-feu, et que 3CX fonctionne.',
  'live.cause.certificate': 'Le certificat du central n’est pas reconnu.',
  'live.remedy.certificate':
    'Utilisez le nom inscrit dans le certificat, ou indiquez dans les réglages le fichier de l’autorité de l’entreprise.',
  'live.cause.ca-file': 'Le fichier de l’autorité de certification ne peut pas être lu.',
  'live.remedy.ca-file': 'Indiquez un fichier PEM que l’utilisateur du hub peut lire.',
  'live.cause.credentials': '3CX refuse le client ID et la clé.',
  'live.remedy.credentials':
    'Dans 3CX, créez une nouvelle clé pour ce client, et saisissez les deux dans les réglages.',
  'live.cause.token-replaced':
    '3CX refuse des jetons qu’il vient de délivrer : un autre programme utilise le même client.',
  'live.remedy.token-replaced': 'Créez un client réservé à ce hub.',
  'live.cause.forbidden': '3CX refuse l’API Call Control à ce client.',
  'live.remedy.forbidden':
    'Cochez « Call Control » sur le client ; la licence doit être Enterprise (8SC+) ou AI, et les restrictions de la console doivent admettre l’adresse du hub.',
  'live.cause.license': 'La licence de 3CX ne comprend pas l’API Call Control.',
  'live.remedy.license':
    'Il faut une licence Enterprise (8SC+) ou AI. Sinon, videz ces réglages : les agents détectent les appels par eux-mêmes.',
  'live.cause.no-call-control': 'Il n’y a pas d’API Call Control à cette adresse.',
  'live.remedy.no-call-control':
    'Indiquez l’adresse de la console web d’un 3CX V20 avec une licence Enterprise.',
  'live.cause.unexpected-answer': 'Le serveur à cette adresse n’est pas une API Call Control.',
  'live.remedy.unexpected-answer':
    'Vérifiez que l’adresse est celle de 3CX, et non celle d’un proxy qui bloque les WebSockets.',
  'live.cause.busy': '3CX est surchargé ou redémarre.',
  'live.remedy.busy': 'Aucune action requise : le hub réessaie automatiquement.',
  'live.cause.cut': 'La connexion a été coupée.',
  'live.remedy.cut': 'Aucune action requise : le hub se reconnecte automatiquement.',
  'live.settings': 'Réglages',
  'live.test.text':
    'Le test interroge 3CX avec les réglages enregistrés, étape par étape, et ne modifie rien.',
  'live.test.run': 'Tester la connexion',
  'live.test.running': 'Le hub interroge 3CX…',
  'live.test.first': 'Enregistrez d’abord l’adresse, le client ID et la clé.',
  'live.test.ok': 'OK',
  'live.test.address': 'Adresse',
  'live.test.certificate': 'Certificat',
  'live.test.sign-in': 'Authentification',
  'live.test.right': 'Droit « Call Control »',
  'live.test.stream': 'Flux des événements',
  'live.test.extensions': 'Extensions visibles',
  'live.test.agents': 'Extensions des agents inscrits',
  'live.test.unseen': 'pas inscrites sur le client dans 3CX :',
} as const
