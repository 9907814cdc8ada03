/**
 * Values of one registry key as `reg.exe query` prints them: name, type and data in columns, whatever the language of
 * Windows. Only texts and numbers; sub keys are left out.
 */
export function parseRegistry(printed: string): Readonly<Record<string, string | number>> {
  const values: Record<string, string | number> = {}
  for (const line of printed.split(/\r?\n/)) {
    const [, name, type, data = ''] = /^ {4}(\S.*?) {4}(REG_\w+)(?: {4}(.*))?$/.exec(line) ?? []
    if (!name) continue
    if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') values[name] = data
    if (type === 'REG_DWORD') values[name] = Number.parseInt(data, 16)
  }
  return values
}
