import type { Input } from '../../../ipc/channels.ts'

/** The values typed so far. */
export type SetUpInput = Input<'setUp'>
/** The error under each field that must be corrected. */
export type FieldErrors = Partial<Record<keyof SetUpInput, string>>
