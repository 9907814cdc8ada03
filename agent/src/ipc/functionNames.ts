/** The names of the functions that the page may call. They stand apart from the schemas, so that the preload needs no zod. */
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
/** The name of one function of the table. */
export type FunctionName = (typeof FUNCTION_NAMES)[number]
