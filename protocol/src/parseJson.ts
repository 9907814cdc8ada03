/** Returns the value of a JSON text, or undefined when the text is not JSON: for answers of other systems, which may be pages. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
