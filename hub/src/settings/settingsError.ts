/** One wrong setting. `code`: zod's ('too_small', 'invalid_format.url' …), or which contradiction. */
export interface SettingFault {
  readonly key: string
  readonly code: string
  readonly message: string
}

/** A setting is wrong: the message names key, value (not for secrets) and what is allowed; `faults` says the same by key. */
export class SettingsError extends Error {
  readonly faults: readonly SettingFault[]
  constructor(message: string, options: ErrorOptions & { faults?: readonly SettingFault[] } = {}) {
    super(message, options)
    this.faults = options.faults ?? []
  }
}
