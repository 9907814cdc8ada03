/** What the page may ask of main. Apart from its schemas, so that the preload needs no zod. */
export const FUNCTION_NAMES = [
  'actOnCall',
  'showDraft',
  'editDraft',
  'decideDraft',
  'answerPendingChange',
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
  'dismissUserError',
] as const
export type FunctionName = (typeof FUNCTION_NAMES)[number]
