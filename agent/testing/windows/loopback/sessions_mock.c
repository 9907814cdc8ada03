/* The search through Windows' sound sessions over mocks of its COM objects, since Wine does not list sessions.
   Two outputs: 'headset' with a loud session of process 10, a quiet one of 20 and an inactive one of 10; 'speakers' with a
   louder one of 20, one that refuses its meter, and one of process 0. An output 'broken' that does not answer.
   sessions-mock PID   prints the loudest session of that process (0: of any), and the objects that were not released */
#include "../../../native/loopback/meter.h"
#include "../../../native/loopback/sessions.h"

#include <audiopolicy.h>
#include <objbase.h>
#include <stdio.h>
#include <stdlib.h>

struct object {
  void **table; /* first, as in each COM object */
  int kind, output, session;
};
struct sound {
  DWORD pid;
  AudioSessionState state;
  float peak; /* negative: no meter */
};

static LONG held;
static const WCHAR *const NAMES[] = {L"broken", L"headset", L"speakers"};
static const struct sound SOUNDS[3][3] = {
    {{0}},
    {{10, AudioSessionStateInactive, 0.9f}, {10, AudioSessionStateActive, 0.5f}, {20, AudioSessionStateActive, 0.1f}},
    {{30, AudioSessionStateActive, -1}, {20, AudioSessionStateActive, 0.7f}, {0, AudioSessionStateActive, 1}}};

enum kind { COLLECTION, DEVICE, MANAGER, ENUMERATOR, CONTROL, METER };
static void *tables[6][20];

static HRESULT make(void **out, enum kind kind, int output, int session) {
  struct object *object = calloc(1, sizeof *object);
  *object = (struct object){tables[kind], kind, output, session};
  held++;
  *out = object;
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE query(struct object *self, REFIID id, void **out) {
  if (IsEqualGUID(id, &IID_IAudioSessionControl2)) return make(out, CONTROL, self->output, self->session);
  if (IsEqualGUID(id, &METER_ID) && SOUNDS[self->output][self->session].peak >= 0)
    return make(out, METER, self->output, self->session);
  return *out = NULL, E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE release(struct object *self) { return free(self), held--, 0; }
static HRESULT STDMETHODCALLTYPE endpoints(void *self, EDataFlow flow, DWORD states, void **out) {
  (void)self;
  return flow == eRender && states == DEVICE_STATE_ACTIVE ? make(out, COLLECTION, 0, 0) : E_INVALIDARG;
}
static HRESULT STDMETHODCALLTYPE output_count(void *self, UINT *out) { return (void)self, *out = 3, S_OK; }
static HRESULT STDMETHODCALLTYPE output(void *self, UINT index, void **out) {
  return (void)self, make(out, DEVICE, (int)index, 0);
}
static HRESULT STDMETHODCALLTYPE open_output(struct object *self, REFIID id, DWORD context, void *params, void **out) {
  (void)context, (void)params;
  if (!IsEqualGUID(id, &IID_IAudioSessionManager2)) return E_NOINTERFACE;
  return make(out, MANAGER, self->output, 0);
}
static HRESULT STDMETHODCALLTYPE output_id(struct object *self, LPWSTR *out) {
  *out = CoTaskMemAlloc(64);
  lstrcpyW(*out, NAMES[self->output]);
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE sessions(struct object *self, void **out) {
  return self->output == 0 ? E_NOTIMPL : make(out, ENUMERATOR, self->output, 0);
}
static HRESULT STDMETHODCALLTYPE session_count(struct object *self, int *out) { return (void)self, *out = 3, S_OK; }
static HRESULT STDMETHODCALLTYPE session(struct object *self, int index, void **out) {
  return make(out, CONTROL, self->output, index);
}
static HRESULT STDMETHODCALLTYPE state(struct object *self, AudioSessionState *out) {
  return *out = SOUNDS[self->output][self->session].state, S_OK;
}
static HRESULT STDMETHODCALLTYPE process(struct object *self, DWORD *out) {
  return *out = SOUNDS[self->output][self->session].pid, S_OK;
}
static HRESULT STDMETHODCALLTYPE peak(struct object *self, float *out) {
  return *out = SOUNDS[self->output][self->session].peak, S_OK;
}

static bool wanted(const void *context, uint32_t pid) {
  const uint32_t only = *(const uint32_t *)context;
  return only == 0 || pid == only;
}

/* Slots by mingw's own headers, so that a wrong call would meet a NULL. */
#define SLOT(kind, interface, method, function) \
  tables[kind][offsetof(interface##Vtbl, method) / sizeof(void *)] = (void *)(function)

int main(int argc, char **argv) {
  for (int kind = 0; kind < 6; kind++) tables[kind][0] = (void *)query, tables[kind][2] = (void *)release;
  static void *devices_table[20];
  struct object devices = {devices_table, -1, 0, 0};
  devices_table[offsetof(IMMDeviceEnumeratorVtbl, EnumAudioEndpoints) / sizeof(void *)] = (void *)endpoints;
  SLOT(COLLECTION, IMMDeviceCollection, GetCount, output_count);
  SLOT(COLLECTION, IMMDeviceCollection, Item, output);
  SLOT(DEVICE, IMMDevice, Activate, open_output);
  SLOT(DEVICE, IMMDevice, GetId, output_id);
  SLOT(MANAGER, IAudioSessionManager2, GetSessionEnumerator, sessions);
  SLOT(ENUMERATOR, IAudioSessionEnumerator, GetCount, session_count);
  SLOT(ENUMERATOR, IAudioSessionEnumerator, GetSession, session);
  SLOT(CONTROL, IAudioSessionControl2, GetState, state);
  SLOT(CONTROL, IAudioSessionControl2, GetProcessId, process);
  tables[METER][offsetof(struct meter_table, peak) / sizeof(void *)] = (void *)peak;
  const uint32_t only = argc > 1 ? (uint32_t)atoi(argv[1]) : 0;
  struct loudest_session loudest;
  const HRESULT done = sessions_loudest((IMMDeviceEnumerator *)(void *)&devices, wanted, &only, &loudest);
  printf("%08lx %.2f %ls %ld\n", (unsigned long)done, loudest.peak, loudest.endpoint, held);
  return 0;
}
