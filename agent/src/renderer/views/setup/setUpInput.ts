import type { Input } from '../../../ipc/channels.ts'

/** What was typed so far. */
export type SetUpInput = Input<'setUp'>
/** Under each field that cannot stay so: why. */
export type FieldErrors = Partial<Record<keyof SetUpInput, string>>
