/** One wrong setting. `code`: zod's ('too_small', 'invalid_format.url' …), or which contradiction. */
export interface SettingFault {
  readonly key: string
  readonly code: string
  readonly message: string
}

/** One or more settings are wrong: the message names key, value (not of secrets) and the allowed values; `faults` holds the same by key. */
export class SettingsError extends Error {
  readonly faults: readonly SettingFault[]
  constructor(message: string, options: ErrorOptions & { faults?: readonly SettingFault[] } = {}) {
    super(message, options)
    this.faults = options.faults ?? []
  }
}
