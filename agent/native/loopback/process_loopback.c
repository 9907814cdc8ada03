#include "process_loopback.h"

#include <mmdeviceapi.h>

/* Shorter than the 2 s after which the agent ends a silent helper, so that we report the cause. */
#define ANSWER_MS 1500u

/* audioclientactivationparams.h of the Windows SDK, which mingw-w64 10 lacks. */
enum { ACTIVATION_TYPE_PROCESS_LOOPBACK = 1, LOOPBACK_INCLUDE_TREE = 0, LOOPBACK_EXCLUDE_TREE = 1 };
struct activation_params {
  int32_t activation_type;
  uint32_t target_process_id;
  int32_t process_loopback_mode;
};

typedef HRESULT(WINAPI *activate_async)(LPCWSTR, REFIID, PROPVARIANT *, IActivateAudioInterfaceCompletionHandler *,
                                        IActivateAudioInterfaceAsyncOperation **);

/* Marks an object that any thread may call; mingw's libraries lack the id. */
static const GUID AGILE_OBJECT = {0x94ea2b94, 0xe9cc, 0x49e0, {0xc0, 0xff, 0xee, 0x64, 0xca, 0x8f, 0x5b, 0x90}};

/* Windows may call back after our wait has ended, so the last holder frees the completion. */
struct completion {
  IActivateAudioInterfaceCompletionHandler handler;
  LONG holders;
  HANDLE done;
};

static struct completion *completion_of(IActivateAudioInterfaceCompletionHandler *handler) {
  return (struct completion *)(void *)((char *)handler - offsetof(struct completion, handler));
}

static HRESULT STDMETHODCALLTYPE query(IActivateAudioInterfaceCompletionHandler *self, REFIID id, void **out) {
  const bool known = IsEqualGUID(id, &IID_IUnknown) || IsEqualGUID(id, &AGILE_OBJECT) ||
                     IsEqualGUID(id, &IID_IActivateAudioInterfaceCompletionHandler);
  *out = known ? self : NULL;
  if (known) IActivateAudioInterfaceCompletionHandler_AddRef(self);
  return known ? S_OK : E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE add_ref(IActivateAudioInterfaceCompletionHandler *self) {
  return (ULONG)InterlockedIncrement(&completion_of(self)->holders);
}

static ULONG STDMETHODCALLTYPE release(IActivateAudioInterfaceCompletionHandler *self) {
  struct completion *completion = completion_of(self);
  const LONG left = InterlockedDecrement(&completion->holders);
  if (left == 0) {
    CloseHandle(completion->done);
    HeapFree(GetProcessHeap(), 0, completion);
  }
  return (ULONG)left;
}

static HRESULT STDMETHODCALLTYPE completed(IActivateAudioInterfaceCompletionHandler *self,
                                           IActivateAudioInterfaceAsyncOperation *operation) {
  (void)operation;
  SetEvent(completion_of(self)->done);
  return S_OK;
}

static IActivateAudioInterfaceCompletionHandlerVtbl completion_table = {query, add_ref, release, completed};

static HRESULT answer(IActivateAudioInterfaceAsyncOperation *operation, HANDLE done, IAudioClient **client) {
  if (WaitForSingleObject(done, ANSWER_MS) != WAIT_OBJECT_0) return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
  HRESULT result = E_FAIL;
  IUnknown *opened = NULL;
  const HRESULT asked = IActivateAudioInterfaceAsyncOperation_GetActivateResult(operation, &result, &opened);
  if (FAILED(asked)) return asked;
  if (SUCCEEDED(result) && opened) result = IUnknown_QueryInterface(opened, &IID_IAudioClient, (void **)client);
  else if (SUCCEEDED(result)) result = E_POINTER;
  if (opened) IUnknown_Release(opened);
  return result;
}

HRESULT process_loopback_activate(uint32_t pid, bool exclude, IAudioClient **client) {
  *client = NULL;
  const HMODULE library = LoadLibraryExW(L"mmdevapi.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  const activate_async activate =
      library ? (activate_async)(void *)GetProcAddress(library, "ActivateAudioInterfaceAsync") : NULL;
  if (activate == NULL) return HRESULT_FROM_WIN32(ERROR_PROC_NOT_FOUND);

  struct completion *completion = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *completion);
  if (completion == NULL) return E_OUTOFMEMORY;
  completion->handler.lpVtbl = &completion_table;
  completion->holders = 1;
  completion->done = CreateEventW(NULL, TRUE, FALSE, NULL);

  struct activation_params params = {ACTIVATION_TYPE_PROCESS_LOOPBACK, pid,
                                     exclude ? LOOPBACK_EXCLUDE_TREE : LOOPBACK_INCLUDE_TREE};
  PROPVARIANT activation = {0};
  activation.vt = VT_BLOB;
  activation.blob.cbSize = sizeof params;
  activation.blob.pBlobData = (BYTE *)&params;
  IActivateAudioInterfaceAsyncOperation *operation = NULL;
  HRESULT done = activate(L"VAD\\Process_Loopback", &IID_IAudioClient, &activation, &completion->handler, &operation);
  if (SUCCEEDED(done)) done = answer(operation, completion->done, client);
  if (operation) IActivateAudioInterfaceAsyncOperation_Release(operation);
  IActivateAudioInterfaceCompletionHandler_Release(&completion->handler);
  return done;
}
