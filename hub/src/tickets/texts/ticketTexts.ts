/** A topic of analysis/lexicon.ts. */
export type Topic =
  'printing' | 'mail' | 'access' | 'network' | 'telephony' | 'server' | 'security' | 'hardware' | 'software'

/** Every phrase that the hub itself writes into a ticket, in the language of the site. The spoken words stay as spoken. */
export interface TicketTexts {
  /** 'Label: value' with the spacing of the language. */
  labeled(label: string, value: string): string
  readonly phoneCall: string
  readonly missedCall: string
  /** 'of Thomas Girard', after phoneCall or missedCall. */
  from(name: string): string
  readonly caller: string
  readonly unknownCaller: string
  readonly technician: string
  technicianAt(name: string, extension: string): string
  readonly callbackNumber: string
  readonly announcedName: string
  readonly contact: string
  readonly organization: string
  readonly duration: string
  minutes(count: number): string
  readonly problem: string
  readonly doneDuringCall: string
  readonly solvedDuringCall: string
  readonly toDo: string
  readonly otherCategory: string
  readonly categories: Readonly<Record<Topic, string>>
  readonly newFacts: string
  /** The reason for which a draft is gone after a transfer, in at most 400 characters. */
  continuesWith(name: string): string
  /** In place of a text that was erased on request. */
  readonly erased: string
  readonly transcript: string
  readonly transcriptUntilCut: string
  /** Name of the transcript's file, without its extension. */
  transcriptFile(callId: string): string
  /** In place of the lines that a comment has no room for; undefined: there is no file. */
  moreLines(count: number, fileName: string | undefined): string
}
