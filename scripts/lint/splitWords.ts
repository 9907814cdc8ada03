/**
 * Returns the words of a name in lower case: camel, Pascal, snake, kebab, dotted and CONSTANT_CASE.
 * A run of capitals is one word up to the capital that begins the next: `HTTPServer` is http, server.
 */
export function splitWords(name: string): string[] {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}
