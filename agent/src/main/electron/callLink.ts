/**
 * Returns the first `3cx-ninja:` link among the arguments of a start, as the operating system passes it; undefined without
 * one.
 */
export function callLinkOf(argv: readonly string[]): string | undefined {
  return argv.find((argument) => argument.length <= 2_048 && argument.toLowerCase().startsWith('3cx-ninja:'))
}
