import type { Handle, KoffiModule } from './koffi.ts'

const FOREVER = 0xffff_ffff

/** Events of Windows, and waiting for them in a thread of Node's pool. */
export interface Kernel {
  /** Creates an event that resets itself. Throws when Windows is out of handles. */
  createEvent(): Handle
  /** Sets the event, which wakes one wait. */
  set(event: Handle): void
  /** Closes an event or another handle. */
  close(handle: Handle): void
  /** Resolves with the index of the event that was set; occupies one thread of Node's pool (four by default) while it waits. */
  waitForAny(events: readonly Handle[]): Promise<number>
}

/** Loads the functions of kernel32. The casts repeat each C prototype in TypeScript, since koffi types every function as any. */
export function openKernel(koffi: KoffiModule): Kernel {
  const kernel32 = koffi.load('kernel32.dll')
  const CreateEventW = kernel32.func(
    'intptr __stdcall CreateEventW(intptr attributes, int manual, int initial, intptr name)',
  ) as (attributes: number, manual: number, initial: number, name: number) => Handle
  const SetEvent = kernel32.func('int __stdcall SetEvent(intptr handle)') as (handle: Handle) => number
  const CloseHandle = kernel32.func('int __stdcall CloseHandle(intptr handle)') as (handle: Handle) => number
  const WaitForMultipleObjects = kernel32.func(
    'uint32 __stdcall WaitForMultipleObjects(uint32 count, intptr *handles, int all, uint32 ms)',
  )

  return {
    createEvent() {
      const event = CreateEventW(0, 0, 0, 0)
      if (!event) throw new Error('Windows gives no event: the PC is out of handles; restart it.')
      return event
    },
    set: (event) => void SetEvent(event),
    close: (handle) => void CloseHandle(handle),
    waitForAny: (events) =>
      new Promise((resolve, reject) => {
        const done = (error: Error | null, index: number) => {
          if (error) reject(error)
          else if (index >= events.length)
            reject(new Error(`Waiting for Windows failed (WaitForMultipleObjects: ${index}).`))
          else resolve(index)
        }
        WaitForMultipleObjects.async(events.length, [...events], 0, FOREVER, done)
      }),
  }
}
