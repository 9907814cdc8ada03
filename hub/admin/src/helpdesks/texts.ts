import { ninjaoneEn, ninjaoneSettingsEn } from './ninjaone/en.ts'
import { ninjaoneFr, ninjaoneSettingsFr } from './ninjaone/fr.ts'

/** Groups of the settings form: one for each kind of helpdesk that has an account. */
export const HELPDESK_GROUPS: readonly string[] = ['ninjaone']

/** Texts that only one helpdesk needs, of every kind together. */
export const helpdesksFr = { ...ninjaoneFr } as const
export const helpdesksEn = { ...ninjaoneEn } as const
export const helpdeskSettingsFr = { ...ninjaoneSettingsFr } as const
export const helpdeskSettingsEn = { ...ninjaoneSettingsEn } as const
