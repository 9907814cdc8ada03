import type { Input } from '../../../ipc/channels.ts'

/** What was typed so far. */
export type Given = Input<'setUp'>
/** Under each field that cannot stay so: why. */
export type Wrong = Partial<Record<keyof Given, string>>
