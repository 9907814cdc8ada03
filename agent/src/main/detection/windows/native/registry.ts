import type { Handle, KoffiModule } from './koffi.ts'

const HKEY_CURRENT_USER = -0x7fff_ffff // sign-extended, as the 64-bit headers have it
const KEY_READ = 0x2_0019
const REG_QWORD = 11
/** Key names are at most 255 characters. */
const NAME_CHARACTERS = 256
/** More programs than any PC has; further ones are not read. */
const MAX_SUBKEYS = 2_000

/** Read access to keys of the current user's registry; paths are written with `\`. */
export interface Registry {
  /** Returns the key, which the caller closes; undefined where it does not exist or may not be read. */
  open(path: string, from?: Handle): Handle | undefined
  /** Closes a key. */
  close(key: Handle): void
  /** Returns the names of the direct subkeys, at most 2,000. */
  subkeys(key: Handle): readonly string[]
  /** Returns a REG_QWORD; undefined where the value is missing or has another type. */
  qword(key: Handle, name: string): bigint | undefined
  /**
   * Sets `event` at the next change: with 'tree' of names and values of the key and all below, with 'names' of its direct
   * subkeys; also when the key is deleted. Returns false where it is deleted already; throws when Windows refuses.
   */
  notify(key: Handle, of: 'tree' | 'names', event: Handle): boolean
}

const REG_NOTIFY_CHANGE_NAME = 0x1
const REG_NOTIFY_CHANGE_LAST_SET = 0x4
/** Without this flag the notification would end with the thread that requested it, and we are called from a pool. Windows 8. */
const REG_NOTIFY_THREAD_AGNOSTIC = 0x1000_0000
const ERROR_KEY_DELETED = 1018

/** Loads the registry functions of advapi32 and returns them as `Registry`. Throws when the library cannot be loaded. */
export function openRegistry(koffi: KoffiModule): Registry {
  const advapi32 = koffi.load('advapi32.dll')
  const RegOpenKeyExW = advapi32.func(
    'int32 __stdcall RegOpenKeyExW(intptr root, str16 path, uint32 options, uint32 access, _Out_ intptr *key)',
  ) as (root: Handle, path: string, options: number, access: number, key: Handle[]) => number
  const RegCloseKey = advapi32.func('int32 __stdcall RegCloseKey(intptr key)') as (key: Handle) => number
  const RegEnumKeyExW = advapi32.func(
    'int32 __stdcall RegEnumKeyExW(intptr key, uint32 index, _Out_ uint16 *name, _Inout_ uint32 *characters, intptr a, intptr b, intptr c, intptr d)',
  ) as (
    key: Handle,
    index: number,
    name: Uint16Array,
    characters: number[],
    ...unused: [number, number, number, number]
  ) => number
  const RegQueryValueExW = advapi32.func(
    'int32 __stdcall RegQueryValueExW(intptr key, str16 name, intptr reserved, _Out_ uint32 *type, _Out_ uint8 *data, _Inout_ uint32 *bytes)',
  ) as (
    key: Handle,
    name: string,
    reserved: number,
    type: number[],
    data: Uint8Array,
    bytes: number[],
  ) => number
  const RegNotifyChangeKeyValue = advapi32.func(
    'int32 __stdcall RegNotifyChangeKeyValue(intptr key, int subtree, uint32 filter, intptr event, int asynchronous)',
  ) as (key: Handle, subtree: number, filter: number, event: Handle, asynchronous: number) => number

  return {
    open(path, from = HKEY_CURRENT_USER) {
      const key: Handle[] = [0]
      return RegOpenKeyExW(from, path, 0, KEY_READ, key) === 0 ? key[0] : undefined
    },
    close: (key) => void RegCloseKey(key),
    subkeys(key) {
      const names: string[] = []
      const buffer = new Uint16Array(NAME_CHARACTERS)
      for (let index = 0; index < MAX_SUBKEYS; index++) {
        const characters = [NAME_CHARACTERS]
        if (RegEnumKeyExW(key, index, buffer, characters, 0, 0, 0, 0) !== 0) break
        names.push(Buffer.from(buffer.buffer, 0, (characters[0] ?? 0) * 2).toString('utf16le'))
      }
      return names
    },
    qword(key, name) {
      const type = [0]
      const bytes = [8]
      const data = Buffer.alloc(8)
      const failed = RegQueryValueExW(key, name, 0, type, data, bytes) !== 0
      return failed || type[0] !== REG_QWORD || bytes[0] !== 8 ? undefined : data.readBigUInt64LE(0)
    },
    notify(key, of, event) {
      const filter =
        (of === 'tree' ? REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET : REG_NOTIFY_CHANGE_NAME) |
        REG_NOTIFY_THREAD_AGNOSTIC
      const code = RegNotifyChangeKeyValue(key, of === 'tree' ? 1 : 0, filter, event, 1)
      if (code !== 0 && code !== ERROR_KEY_DELETED)
        throw new Error(
          `Windows does not report changes in the registry (error ${code}); restart Windows if this stays.`,
        )
      return code === 0
    },
  }
}
