/** What the page may ask of main. Apart from its schemas, so that the preload needs no zod. */
export const FUNCTION_NAMES = [
  'wishCall',
  'showDraft',
  'editDraft',
  'decideDraft',
  'answerWish',
  'searchCalls',
  'openCall',
  'sendAgain',
  'saveSettings',
  'findHubs',
  'setUp',
  'listDevices',
  'listMicrophonePrograms',
  'testSound',
  'diagnose',
  'dismissTrouble',
] as const
export type FunctionName = (typeof FUNCTION_NAMES)[number]
