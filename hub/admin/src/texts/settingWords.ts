/** The name and the meaning of one setting, as the form shows them. */
export interface SettingWords {
  readonly label: string
  readonly help: string
}
