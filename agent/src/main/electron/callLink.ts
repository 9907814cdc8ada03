/** The first `3cx-ninja:` link among the arguments of a start, as the operating system hands it to us; everything else is nobody's. */
export function callLinkOf(argv: readonly string[]): string | undefined {
  return argv.find((argument) => argument.length <= 2_048 && argument.toLowerCase().startsWith('3cx-ninja:'))
}
