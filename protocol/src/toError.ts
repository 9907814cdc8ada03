/** Returns the value itself when it is an Error, else an Error whose message is its text: for `catch (thrown: unknown)` at edges. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
