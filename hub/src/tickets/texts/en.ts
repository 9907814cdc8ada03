import type { TicketTexts } from './ticketTexts.ts'

export const en: TicketTexts = {
  labeled: (label, value) => `${label}: ${value}`,
  phoneCall: 'Phone call',
  missedCall: 'Missed call',
  from: (name) => `from ${name}`,
  caller: 'Caller',
  unknownCaller: 'unknown',
  technician: 'Technician',
  technicianAt: (name, extension) => `${name} (extension ${extension})`,
  callbackNumber: 'Callback number',
  announcedName: 'Announced name',
  contact: 'Contact',
  organization: 'Organization',
  duration: 'Duration',
  minutes: (count) => `${count} min`,
  problem: 'Problem',
  doneDuringCall: 'Done during the call',
  solvedDuringCall: 'Solved during the call',
  toDo: 'To do',
  otherCategory: 'Other',
  categories: {
    printing: 'Printing',
    mail: 'Email',
    access: 'Password and access',
    network: 'Network',
    telephony: 'Telephony',
    server: 'Server and backup',
    security: 'Security',
    hardware: 'Hardware',
    software: 'Software',
  },
  continuesWith: (name) => `The call goes on with ${name}, and so does its ticket.`,
  newFacts: 'More about the call',
  erased: 'The text was erased on request.',
  transcript: 'Transcript of the call',
  transcriptUntilCut: 'Transcript of the call, until the PC was lost',
  transcriptFile: (callId) => `transcript-${callId}`,
  moreLines: (count, fileName) =>
    fileName === undefined
      ? `[… ${count} more lines]`
      : `[… ${count} more lines: the whole text is in ${fileName}]`,
}
