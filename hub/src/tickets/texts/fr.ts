import type { TicketTexts } from './ticketTexts.ts'

export const fr: TicketTexts = {
  labeled: (label, value) => `${label} : ${value}`,
  phoneCall: 'Appel téléphonique',
  missedCall: 'Appel manqué',
  from: (name) => `de ${name}`,
  caller: 'Appelant',
  unknownCaller: 'inconnu',
  technician: 'Technicien',
  technicianAt: (name, extension) => `${name} (poste ${extension})`,
  callbackNumber: 'Numéro de rappel',
  announcedName: 'Nom annoncé',
  contact: 'Contact',
  organization: 'Organisation',
  duration: 'Durée',
  minutes: (count) => `${count} min`,
  problem: 'Problème',
  doneDuringCall: "Fait pendant l'appel",
  solvedDuringCall: "Résolu pendant l'appel",
  toDo: 'À faire',
  otherCategory: 'Autre',
  categories: {
    printing: 'Impression',
    mail: 'Messagerie',
    access: 'Mot de passe et accès',
    network: 'Réseau',
    telephony: 'Téléphonie',
    server: 'Serveur et sauvegarde',
    security: 'Sécurité',
    hardware: 'Matériel',
    software: 'Logiciel',
  },
  continuesWith: (name) => `L’appel continue avec ${name}, le ticket aussi.`,
  newFacts: "Précisions sur l'appel",
  erased: 'Le texte a été effacé sur demande.',
  transcript: "Transcription de l'appel",
  transcriptUntilCut: "Transcription de l'appel, jusqu'à la coupure du poste",
  transcriptFile: (callId) => `transcription-${callId}`,
  moreLines: (count, fileName) =>
    fileName === undefined
      ? `[… ${count} lignes de plus]`
      : `[… ${count} lignes de plus : le texte entier est dans ${fileName}]`,
}
