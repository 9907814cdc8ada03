import { Buffer } from 'node:buffer'
import type { Desktop, RunningProgram } from '../clientWindow.ts'
import type { Handle, KoffiModule } from './koffi.ts'

const TH32CS_SNAPPROCESS = 2
/** PROCESSENTRY32W on 64-bit Windows: its size, the process id, the zero-ended name. */
const ENTRY_BYTES = 568
const ENTRY_PID = 8
const ENTRY_NAME = 44
/** More than any PC runs. */
const MAX_PROCESSES = 8_000
const MAX_WINDOWS = 64
const TITLE_CHARACTERS = 256

/** Returns the port to processes and windows of this desktop through the Win32 API; it only reads. */
export function openDesktop(koffi: KoffiModule): Desktop {
  const user32 = koffi.load('user32.dll')
  const kernel32 = koffi.load('kernel32.dll')
  const eachWindow = koffi.pointer(koffi.proto('__stdcall', 'int', ['intptr', 'intptr']))
  const EnumWindows = user32.func('__stdcall', 'EnumWindows', 'int', [eachWindow, 'intptr']) as (
    each: (window: Handle) => number,
    context: number,
  ) => number
  const IsWindowVisible = user32.func('int __stdcall IsWindowVisible(intptr window)') as (
    window: Handle,
  ) => number
  const GetWindowTextW = user32.func(
    'int __stdcall GetWindowTextW(intptr window, _Out_ uint16 *text, int characters)',
  ) as (window: Handle, text: Uint16Array, characters: number) => number
  const GetWindowThreadProcessId = user32.func(
    'uint32 __stdcall GetWindowThreadProcessId(intptr window, _Out_ uint32 *pid)',
  ) as (window: Handle, pid: number[]) => number
  const CreateToolhelp32Snapshot = kernel32.func(
    'intptr __stdcall CreateToolhelp32Snapshot(uint32 flags, uint32 pid)',
  ) as (flags: number, pid: number) => Handle
  const next = '(intptr snapshot, _Inout_ uint8 *entry)'
  const Process32FirstW = kernel32.func(`int __stdcall Process32FirstW${next}`) as ReadEntry
  const Process32NextW = kernel32.func(`int __stdcall Process32NextW${next}`) as ReadEntry
  const CloseHandle = kernel32.func('int __stdcall CloseHandle(intptr handle)') as (handle: Handle) => number

  const titleOf = (window: Handle): string => {
    const text = new Uint16Array(TITLE_CHARACTERS)
    const length = GetWindowTextW(window, text, TITLE_CHARACTERS)
    return Buffer.from(text.buffer, 0, length * 2).toString('utf16le')
  }

  return {
    programs() {
      const snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0)
      if (Number(snapshot) === -1) throw new Error('Windows does not list its processes; restart the PC.')
      const programs: RunningProgram[] = []
      const entry = Buffer.alloc(ENTRY_BYTES)
      entry.writeUInt32LE(ENTRY_BYTES, 0)
      let more = Process32FirstW(snapshot, entry)
      for (; more !== 0 && programs.length < MAX_PROCESSES; more = Process32NextW(snapshot, entry)) {
        const name = entry.subarray(ENTRY_NAME).toString('utf16le')
        const end = name.indexOf('\0')
        programs.push({
          pid: entry.readUInt32LE(ENTRY_PID),
          image: name.slice(0, end < 0 ? undefined : end).toLowerCase(),
        })
      }
      CloseHandle(snapshot)
      return programs
    },
    titles(pids) {
      const windows: Handle[] = []
      // Windows calls the callback from within its own loop, so it only collects.
      EnumWindows((window) => windows.push(window), 0)
      const pid = [0]
      const ofClients = windows.filter((window) => {
        GetWindowThreadProcessId(window, pid)
        return pids.has(pid[0] ?? 0) && IsWindowVisible(window) !== 0
      })
      return ofClients.slice(0, MAX_WINDOWS).map(titleOf)
    },
  }
}

type ReadEntry = (snapshot: Handle, entry: Buffer) => number
