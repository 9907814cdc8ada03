/**
 * Returns the values of one registry key from the output of `reg.exe query`: name, type and data in columns, in every language of
 * Windows. Only texts, lists of texts and numbers; sub keys are omitted.
 */
export function parseRegistry(
  printed: string,
): Readonly<Record<string, string | number | readonly string[]>> {
  const values: Record<string, string | number | readonly string[]> = {}
  for (const line of printed.split(/\r?\n/)) {
    const [, name, type, data = ''] = /^ {4}(\S.*?) {4}(REG_\w+)(?: {4}(.*))?$/.exec(line) ?? []
    if (!name) continue
    if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') values[name] = data
    // reg.exe writes the ends of its lines as \0
    if (type === 'REG_MULTI_SZ') values[name] = data.split('\\0').filter((line) => line !== '')
    if (type === 'REG_DWORD') values[name] = Number.parseInt(data, 16)
  }
  return values
}
