"""The three demonstration calls of resources/audio. The training set contains their words, but never their sentences."""

A, C = "agent", "customer"


def _call(title, agent_voice, customer_voice, *turns):
    return {
        "title": title,
        "voices": {A: agent_voice, C: customer_voice},
        "turns": [{"speaker": speaker, "text": text} for speaker, text in turns],
    }


DIALOGUES = [
    _call(
        "Imprimante en panne",
        "fr+f2",
        "fr-be+m3",
        (A, "Support informatique bonjour, Camille à l'appareil, je vous écoute."),
        (C, "Oui bonjour, c'est Thomas Girard, de Menuiserie Lambert à Nantes."),
        (A, "Bonjour Monsieur Girard, que puis-je faire pour vous ?"),
        (C, "Notre imprimante ne répond plus depuis hier soir, et je dois imprimer le devis avant midi."),
        (A, "D'accord. Est-ce que vous voyez un message d'erreur sur l'écran ?"),
        (C, "Attendez, je regarde. Il est écrit erreur quarante-deux."),
        (A, "Très bien, c'est sûrement un bourrage papier. Pouvez-vous débrancher la prise ?"),
        (C, "Voilà, c'est fait. J'attends combien de temps ?"),
        (A, "Patientez dix minutes, puis rebranchez le câble et faites un test d'impression."),
        (C, "Ça y est, ça marche. La page est bien imprimée."),
        (A, "Parfait. Je ferme le ticket numéro cinq cent douze."),
        (C, "Merci beaucoup Camille, bonne journée."),
        (A, "Avec plaisir Monsieur Girard, au revoir."),
    ),
    _call(
        "Mot de passe et VPN",
        "fr-ch+m1",
        "fr+f4",
        (A, "Assistance technique bonjour, Julien Moreau à votre service."),
        (C, "Bonjour, ici Nathalie Faure, comptable chez Océan Voyages."),
        (A, "Bonjour Madame Faure, dites-moi quel est le problème."),
        (C, "Je suis en télétravail et le VPN refuse mon mot de passe depuis ce matin."),
        (A, "Vous avez changé de mot de passe la semaine dernière ?"),
        (C, "Oui, lundi après-midi, et maintenant mon compte est verrouillé."),
        (A, "Je comprends. Je vais débloquer votre session et vous envoyer un lien par courriel."),
        (C, "Est-ce que je dois redémarrer mon ordinateur ?"),
        (A, "Oui, s'il vous plaît. À quel numéro puis-je vous rappeler ?"),
        (C, "Au zéro six, vingt-quatre, trente-huit, dix-sept, cinquante-cinq."),
        (A, "C'est noté. Votre dossier porte le numéro sept cent trente."),
        (C, "Super, je suis connectée, tout est vert maintenant."),
        (A, "Parfait. Avez-vous une autre question ?"),
        (C, "Non, c'est tout, merci pour votre patience et bon week-end."),
    ),
    _call(
        "Serveur et courriel suspect",
        "fr-be+f1",
        "fr+m7",
        (A, "Service informatique de Lyon bonjour, Sarah à l'appareil."),
        (C, "Bonjour Sarah, c'est Vincent Mercier, responsable des achats. C'est très urgent."),
        (A, "Je vous écoute, Monsieur Mercier."),
        (C, "Un stagiaire a cliqué sur une fausse facture et le serveur ne démarre plus."),
        (A, "Quand est-ce que vous avez reçu ce courriel ?"),
        (C, "Mardi à huit heures trente. Depuis, personne ne peut ouvrir le dossier partagé."),
        (A, "Combien de personnes ne peuvent plus travailler ?"),
        (C, "Nous sommes vingt-trois au premier étage."),
        (
            A,
            "Surtout, ne touchez pas à la pièce jointe. Je vais ouvrir un incident majeur et bloquer l'expéditeur.",
        ),
        (C, "Est-ce que vous avez une sauvegarde de nos fichiers ?"),
        (
            A,
            "Oui, la sauvegarde de lundi est terminée à cent pour cent. On va la restaurer avant quatorze heures.",
        ),
        (C, "Très bien. Un technicien peut venir sur place ?"),
        (A, "Oui, mon collègue Karim passera cet après-midi vers seize heures."),
        (C, "Entendu, je vous remercie, à bientôt."),
    ),
]
