/** Returns the first word of a person's name, for the narrow column of speakers. */
export function firstNameOf(name: string): string {
  return name.trim().split(/\s+/)[0] ?? ''
}
