/** Returns the messages of an error and of its chain of causes as one log field, without what an outer message repeats. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause === undefined) return error.message
  const inner = causeOf(error.cause)
  return error.message.includes(inner) ? error.message : `${error.message} <- ${inner}`
}
