/** A setting is wrong: the message names key, value (not for secrets) and what is allowed. */
export class SettingsError extends Error {}
