/** Returns the processor time that `act` took, in ms: other work on the machine does not count, as it does on a clock. */
export function cpuTimeMs(act: () => void): number {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
