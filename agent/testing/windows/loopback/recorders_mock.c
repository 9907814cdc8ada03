/* The watch over microphones (recorders.c, session_watch.c) over mocks of Windows' COM objects, since Wine 8 does not list
   sessions. Two microphones; a session belongs to one of them and to a process. Stricter than Windows: new sessions are reported
   only to managers whose sessions were counted after their registration, as Windows' documentation says.
   recorders-mock [SCRIPT] --sessions   commands from standard input, or from a file where standard input only means stop
     begin MIC PID     an inactive session; `start PID`, `rest PID`: its state; `end PID`: it is gone
     unplug MIC, plug MIC
     deaf              Windows refuses registrations from now on, and reports nothing
     refuse HEX [MIC]  listing sessions fails with this, on one microphone or all; 0: no more
     wait MS, until FILE   the file is there
   Each command is answered by the same line on standard output; at the end a line `left N`: objects not released and
   registrations not withdrawn. */
#include "../../../native/loopback/recorders.h"

#include <audiopolicy.h>
#include <objbase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MICS 2
#define MOST 16

enum kind { COLLECTION, DEVICE, MANAGER, ENUMERATOR, CONTROL, KINDS };
struct object {
  void **table; /* first, as in each COM object */
  LONG references;
  enum kind kind;
  int index; /* of the microphone; CONTROL: of the session */
  void *asked; /* MANAGER, CONTROL: the receiver of notifications */
  bool counted;
  struct object *next;
};
struct session {
  int mic;
  DWORD pid;
  AudioSessionState state;
  bool exists;
};

static void *tables[KINDS][20];
static CRITICAL_SECTION guard;
static struct object *objects;
static IMMNotificationClient *devices_asked;
static struct session sessions[MOST];
static bool plugged[MICS] = {true, true}, deaf;
static HRESULT refusal;
static int refusing = -1; /* microphone; -1: all */
static HANDLE stop, changed;

static HRESULT make(void **out, enum kind kind, int index) {
  struct object *object = calloc(1, sizeof *object);
  *object = (struct object){.table = tables[kind], .references = 1, .kind = kind, .index = index};
  EnterCriticalSection(&guard);
  object->next = objects;
  objects = object;
  LeaveCriticalSection(&guard);
  *out = object;
  return S_OK;
}
static ULONG STDMETHODCALLTYPE hold(struct object *self) { return (ULONG)InterlockedIncrement(&self->references); }
static ULONG STDMETHODCALLTYPE let_go(struct object *self) {
  const LONG left = InterlockedDecrement(&self->references);
  if (left > 0 || self->asked) return (ULONG)left; /* a registration that was not withdrawn leaks */
  EnterCriticalSection(&guard);
  struct object **at = &objects;
  while (*at != self) at = &(*at)->next;
  *at = self->next;
  LeaveCriticalSection(&guard);
  free(self);
  return 0;
}
static HRESULT STDMETHODCALLTYPE query(struct object *self, REFIID id, void **out) {
  if (self->kind != CONTROL || !IsEqualGUID(id, &IID_IAudioSessionControl2)) return *out = NULL, E_NOINTERFACE;
  hold(self);
  *out = self;
  return S_OK;
}

static int nth(int index, int mic) {
  for (int i = 0; i < (mic < 0 ? MICS : MOST); i++) {
    const bool counts = mic < 0 ? plugged[i] : sessions[i].exists && sessions[i].mic == mic;
    if (counts && index-- == 0) return i;
  }
  return -1;
}
static HRESULT count_of(int mic, int *out) {
  for (*out = 0; nth(*out, mic) >= 0;) (*out)++;
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE endpoints(void *self, EDataFlow flow, DWORD states, void **out) {
  (void)self;
  return flow == eCapture && states == DEVICE_STATE_ACTIVE ? make(out, COLLECTION, 0) : E_INVALIDARG;
}
static HRESULT STDMETHODCALLTYPE ask_devices(void *self, IMMNotificationClient *client) {
  return (void)self, devices_asked = client, S_OK;
}
static HRESULT STDMETHODCALLTYPE unask_devices(void *self, IMMNotificationClient *client) {
  (void)self;
  if (devices_asked != client) return E_NOTFOUND;
  devices_asked = NULL;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE mic_count(void *self, UINT *out) { return (void)self, count_of(-1, (int *)out); }
static HRESULT STDMETHODCALLTYPE mic(void *self, UINT index, void **out) {
  (void)self;
  const int found = nth((int)index, -1);
  return found < 0 ? E_INVALIDARG : make(out, DEVICE, found);
}
static HRESULT STDMETHODCALLTYPE open_mic(struct object *self, REFIID id, DWORD context, void *params, void **out) {
  (void)context, (void)params;
  if (!IsEqualGUID(id, &IID_IAudioSessionManager2)) return E_NOINTERFACE;
  return plugged[self->index] ? make(out, MANAGER, self->index) : AUDCLNT_E_DEVICE_INVALIDATED;
}
static HRESULT STDMETHODCALLTYPE ask(struct object *self, void *whom) {
  if (deaf) return E_FAIL;
  return self->asked = whom, S_OK;
}
static HRESULT STDMETHODCALLTYPE unask(struct object *self, void *whom) {
  if (self->asked != whom) return E_NOTFOUND;
  self->asked = NULL;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE list(struct object *self, void **out) {
  if (FAILED(refusal) && (refusing < 0 || refusing == self->index)) return refusal;
  self->counted = true;
  return make(out, ENUMERATOR, self->index);
}
static HRESULT STDMETHODCALLTYPE session_count(struct object *self, int *out) { return count_of(self->index, out); }
static HRESULT STDMETHODCALLTYPE session(struct object *self, int index, void **out) {
  const int found = nth(index, self->index);
  return found < 0 ? E_INVALIDARG : make(out, CONTROL, found);
}
static HRESULT STDMETHODCALLTYPE state(struct object *self, AudioSessionState *out) {
  return *out = sessions[self->index].state, S_OK;
}
static HRESULT STDMETHODCALLTYPE process(struct object *self, DWORD *out) { return *out = sessions[self->index].pid, S_OK; }

/* Windows reports from its own threads, while no lock of ours is held. */
static void notify(enum kind kind, int index, AudioSessionState now, bool gone) {
  void *whom[64];
  size_t count = 0;
  EnterCriticalSection(&guard);
  for (struct object *object = objects; object && count < 64; object = object->next)
    if (object->kind == kind && object->index == index && object->asked && (kind == CONTROL || object->counted))
      whom[count++] = object->asked;
  LeaveCriticalSection(&guard);
  for (size_t i = 0; i < count && !deaf; i++) {
    if (kind == MANAGER) IAudioSessionNotification_OnSessionCreated((IAudioSessionNotification *)whom[i], NULL);
    else if (gone) IAudioSessionEvents_OnSessionDisconnected((IAudioSessionEvents *)whom[i], DisconnectReasonDeviceRemoval);
    else IAudioSessionEvents_OnStateChanged((IAudioSessionEvents *)whom[i], now);
  }
}

static void set_state(DWORD pid, AudioSessionState now) {
  for (int i = 0; i < MOST; i++) {
    if (!sessions[i].exists || sessions[i].pid != pid) continue;
    sessions[i].state = now;
    notify(CONTROL, i, now, false);
    if (now == AudioSessionStateExpired) sessions[i].exists = false;
  }
}

static void set_plugged(int which, bool now) {
  plugged[which] = now;
  for (int i = 0; i < MOST && !now; i++) {
    if (!sessions[i].exists || sessions[i].mic != which) continue;
    notify(CONTROL, i, AudioSessionStateExpired, true);
    sessions[i].exists = false;
  }
  if (devices_asked)
    IMMNotificationClient_OnDeviceStateChanged(devices_asked, L"mic", now ? DEVICE_STATE_ACTIVE : DEVICE_STATE_UNPLUGGED);
}

static void obey(const char *line) {
  unsigned long a = 0, b = 0;
  if (sscanf(line, "begin %lu %lu", &a, &b) == 2) {
    for (int i = 0; i < MOST; i++) {
      if (sessions[i].exists) continue;
      sessions[i] = (struct session){(int)a, b, AudioSessionStateInactive, true};
      notify(MANAGER, (int)a, AudioSessionStateInactive, false);
      break;
    }
  } else if (sscanf(line, "start %lu", &a)) set_state(a, AudioSessionStateActive);
  else if (sscanf(line, "rest %lu", &a)) set_state(a, AudioSessionStateInactive);
  else if (sscanf(line, "end %lu", &a)) set_state(a, AudioSessionStateExpired);
  else if (sscanf(line, "plug %lu", &a)) set_plugged((int)a, true);
  else if (sscanf(line, "unplug %lu", &a)) set_plugged((int)a, false);
  else if (sscanf(line, "refuse %lx %lu", &a, &b) >= 1) refusing = strchr(line + 7, ' ') ? (int)b : -1, refusal = (HRESULT)a;
  else if (sscanf(line, "wait %lu", &a)) Sleep(a);
  else if (strncmp(line, "until ", 6) == 0) while (GetFileAttributesA(line + 6) == INVALID_FILE_ATTRIBUTES) Sleep(20);
  else if (strcmp(line, "deaf") == 0) deaf = true;
}

static DWORD WINAPI play(LPVOID from) {
  char line[200];
  while (fgets(line, sizeof line, from)) {
    line[strcspn(line, "\r\n")] = 0;
    obey(line);
    printf("%s\n", line);
    fflush(stdout);
  }
  if (from == stdin) SetEvent(stop);
  return 0;
}

static DWORD WINAPI watch_input(LPVOID unused) {
  (void)unused;
  while (getchar() != EOF) {
  }
  SetEvent(stop);
  return 0;
}

static void name(uint32_t pid, struct running_process *out) {
  *out = (struct running_process){.pid = pid};
  if (pid == 10) strcpy(out->image, "3CXDesktopApp.exe");
  if (pid == 20) strcpy(out->image, "chrome.exe");
  if (pid == 30) strcpy(out->image, "3CXSoftphone.exe"), strcpy(out->family, "3CXDMCC.3CX_0abcdefghijkm");
  if (pid == 40) strcpy(out->image, "quo\"te\\.exe");
}

static void say(struct audio_api *api, const char *json) {
  (void)api;
  fprintf(stderr, "%s\n", json);
  fflush(stderr);
}

/* Slots by mingw's own headers, so that a wrong call would meet a NULL. */
#define SLOT(kind, interface, method, function) \
  tables[kind][offsetof(interface##Vtbl, method) / sizeof(void *)] = (void *)(function)
#define DEVICES(method, function) devices_table[offsetof(IMMDeviceEnumeratorVtbl, method) / sizeof(void *)] = (void *)(function)

int main(int argc, char **argv) {
  InitializeCriticalSection(&guard);
  for (int kind = 0; kind < KINDS; kind++)
    tables[kind][0] = (void *)query, tables[kind][1] = (void *)hold, tables[kind][2] = (void *)let_go;
  static void *devices_table[20];
  static struct object devices = {.table = devices_table, .references = 1};
  DEVICES(EnumAudioEndpoints, endpoints);
  DEVICES(RegisterEndpointNotificationCallback, ask_devices);
  DEVICES(UnregisterEndpointNotificationCallback, unask_devices);
  SLOT(COLLECTION, IMMDeviceCollection, GetCount, mic_count);
  SLOT(COLLECTION, IMMDeviceCollection, Item, mic);
  SLOT(DEVICE, IMMDevice, Activate, open_mic);
  SLOT(MANAGER, IAudioSessionManager2, RegisterSessionNotification, ask);
  SLOT(MANAGER, IAudioSessionManager2, UnregisterSessionNotification, unask);
  SLOT(MANAGER, IAudioSessionManager2, GetSessionEnumerator, list);
  SLOT(ENUMERATOR, IAudioSessionEnumerator, GetCount, session_count);
  SLOT(ENUMERATOR, IAudioSessionEnumerator, GetSession, session);
  SLOT(CONTROL, IAudioSessionControl2, GetState, state);
  SLOT(CONTROL, IAudioSessionControl2, GetProcessId, process);
  SLOT(CONTROL, IAudioSessionControl2, RegisterAudioSessionNotification, ask);
  SLOT(CONTROL, IAudioSessionControl2, UnregisterAudioSessionNotification, unask);
  stop = CreateEventW(NULL, TRUE, FALSE, NULL);
  changed = CreateEventW(NULL, FALSE, FALSE, NULL);
  FILE *script = argc > 2 ? fopen(argv[1], "r") : stdin;
  if (script == NULL) return 9;
  CreateThread(NULL, 0, play, script, 0, NULL);
  if (script != stdin) CreateThread(NULL, 0, watch_input, NULL, 0, NULL);
  struct audio_api api = {.send_line = say};
  const struct recorders_needs needs = {&api, (IMMDeviceEnumerator *)(void *)&devices, stop, changed, name};
  const enum ninja_exit end = recorders_run(&needs);
  int left = devices_asked ? 1 : 0;
  for (struct object *object = objects; object; object = object->next) left++;
  printf("left %d\n", left);
  fflush(stdout);
  return (int)end;
}
