#include "session_watch.h"

#include <audiopolicy.h>
#include <objbase.h>
#include <stdlib.h>

#define MOST_MICROPHONES 32u
#define MOST_SESSIONS 256u

/* The notifications requested in one poll; released after the next poll has requested its own. */
struct round {
  size_t managers, sessions;
  IAudioSessionManager2 *manager[MOST_MICROPHONES];
  IAudioSessionControl2 *session[MOST_SESSIONS];
};

struct session_watch {
  IMMDeviceEnumerator *devices;
  struct round *round;
  bool notified_of_devices, notified_of_sessions;
};

/* One watch per process: Windows' threads reach the watch through the objects below. */
static HANDLE changed_event;

/* COM objects that Windows calls: they live as long as the process, and do nothing but wake us. */
static HRESULT answer(void *self, REFIID id, const IID *own, void **out) {
  const bool known = IsEqualGUID(id, &IID_IUnknown) || IsEqualGUID(id, own);
  *out = known ? self : NULL;
  return known ? S_OK : E_NOINTERFACE;
}
static HRESULT wake(void) {
  SetEvent(changed_event);
  return S_OK;
}
#define HOLD(name, type) \
  static ULONG STDMETHODCALLTYPE name(type *self) { return (void)self, 1; }

static HRESULT STDMETHODCALLTYPE query_begun(IAudioSessionNotification *self, REFIID id, void **out) {
  return answer(self, id, &IID_IAudioSessionNotification, out);
}
HOLD(hold_begun, IAudioSessionNotification)
static HRESULT STDMETHODCALLTYPE session_begun(IAudioSessionNotification *self, IAudioSessionControl *session) {
  return (void)self, (void)session, wake();
}
static IAudioSessionNotificationVtbl begun_table = {query_begun, hold_begun, hold_begun, session_begun};
static IAudioSessionNotification begun = {&begun_table};

static HRESULT STDMETHODCALLTYPE query_events(IAudioSessionEvents *self, REFIID id, void **out) {
  return answer(self, id, &IID_IAudioSessionEvents, out);
}
HOLD(hold_events, IAudioSessionEvents)
static HRESULT STDMETHODCALLTYPE renamed(IAudioSessionEvents *self, LPCWSTR name, LPCGUID by) {
  return (void)self, (void)name, (void)by, S_OK;
}
static HRESULT STDMETHODCALLTYPE louder(IAudioSessionEvents *self, float volume, WINBOOL mute, LPCGUID by) {
  return (void)self, (void)volume, (void)mute, (void)by, S_OK;
}
static HRESULT STDMETHODCALLTYPE channel_louder(IAudioSessionEvents *self, DWORD count, float volumes[], DWORD channel, LPCGUID by) {
  return (void)self, (void)count, (void)volumes, (void)channel, (void)by, S_OK;
}
static HRESULT STDMETHODCALLTYPE regrouped(IAudioSessionEvents *self, LPCGUID group, LPCGUID by) {
  return (void)self, (void)group, (void)by, S_OK;
}
static HRESULT STDMETHODCALLTYPE state_changed(IAudioSessionEvents *self, AudioSessionState state) {
  return (void)self, (void)state, wake();
}
static HRESULT STDMETHODCALLTYPE disconnected(IAudioSessionEvents *self, AudioSessionDisconnectReason why) {
  return (void)self, (void)why, wake();
}
static IAudioSessionEventsVtbl events_table = {query_events,   hold_events, hold_events,   renamed,      renamed,
                                               louder,         channel_louder, regrouped, state_changed, disconnected};
static IAudioSessionEvents events = {&events_table};

static HRESULT STDMETHODCALLTYPE query_devices(IMMNotificationClient *self, REFIID id, void **out) {
  return answer(self, id, &IID_IMMNotificationClient, out);
}
HOLD(hold_devices, IMMNotificationClient)
static HRESULT STDMETHODCALLTYPE device_state(IMMNotificationClient *self, LPCWSTR id, DWORD state) {
  return (void)self, (void)id, (void)state, wake();
}
static HRESULT STDMETHODCALLTYPE device_listed(IMMNotificationClient *self, LPCWSTR id) { return (void)self, (void)id, wake(); }
static HRESULT STDMETHODCALLTYPE default_device(IMMNotificationClient *self, EDataFlow flow, ERole role, LPCWSTR id) {
  return (void)self, (void)flow, (void)role, (void)id, S_OK;
}
static HRESULT STDMETHODCALLTYPE device_property(IMMNotificationClient *self, LPCWSTR id, const PROPERTYKEY key) {
  return (void)self, (void)id, (void)key, S_OK;
}
static IMMNotificationClientVtbl devices_table = {query_devices, hold_devices,  hold_devices,   device_state,
                                                  device_listed, device_listed, default_device, device_property};
static IMMNotificationClient devices_watcher = {&devices_table};

struct session_watch *session_watch_open(IMMDeviceEnumerator *devices, HANDLE changed) {
  struct session_watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return NULL;
  changed_event = changed;
  watch->devices = devices;
  watch->notified_of_devices = SUCCEEDED(IMMDeviceEnumerator_RegisterEndpointNotificationCallback(devices, &devices_watcher));
  return watch;
}

static void end_round(struct round *round) {
  if (round == NULL) return;
  for (size_t i = 0; i < round->sessions; i++) {
    IAudioSessionControl2_UnregisterAudioSessionNotification(round->session[i], &events);
    IAudioSessionControl2_Release(round->session[i]);
  }
  for (size_t i = 0; i < round->managers; i++) {
    IAudioSessionManager2_UnregisterSessionNotification(round->manager[i], &begun);
    IAudioSessionManager2_Release(round->manager[i]);
  }
  free(round);
}

static void note_recorder(struct recorders *now, uint32_t pid) {
  for (size_t i = 0; i < now->count; i++)
    if (now->pids[i] == pid) return;
  if (now->count < MOST_RECORDERS) now->pids[now->count++] = pid;
}

/* Reads the session, and owns it from then on. */
static void read_session(struct session_watch *watch, struct round *round, struct recorders *now, IAudioSessionControl2 *session) {
  AudioSessionState state = AudioSessionStateInactive;
  DWORD pid = 0;
  if (FAILED(IAudioSessionControl2_RegisterAudioSessionNotification(session, &events))) watch->notified_of_sessions = false;
  /* AUDCLNT_S_NO_SINGLE_PROCESS is a success, too: it gives the process that began the session */
  if (SUCCEEDED(IAudioSessionControl2_GetState(session, &state)) && state == AudioSessionStateActive &&
      SUCCEEDED(IAudioSessionControl2_GetProcessId(session, &pid)) && pid != 0)
    note_recorder(now, pid);
  round->session[round->sessions++] = session;
}

static HRESULT read_microphone(struct session_watch *watch, struct round *round, struct recorders *now, IMMDevice *device) {
  IAudioSessionManager2 *manager = NULL;
  IAudioSessionEnumerator *sessions = NULL;
  int count = 0;
  HRESULT done = IMMDevice_Activate(device, &IID_IAudioSessionManager2, CLSCTX_ALL, NULL, (void **)&manager);
  if (FAILED(done)) return done;
  if (FAILED(IAudioSessionManager2_RegisterSessionNotification(manager, &begun))) watch->notified_of_sessions = false;
  round->manager[round->managers++] = manager;
  /* Windows reports new sessions only to a program that has listed the present ones. */
  done = IAudioSessionManager2_GetSessionEnumerator(manager, &sessions);
  if (FAILED(done)) return done;
  done = IAudioSessionEnumerator_GetCount(sessions, &count);
  for (int i = 0; SUCCEEDED(done) && i < count && round->sessions < MOST_SESSIONS; i++) {
    IAudioSessionControl *session = NULL;
    IAudioSessionControl2 *control = NULL;
    if (FAILED(IAudioSessionEnumerator_GetSession(sessions, i, &session))) continue; /* it has just ended */
    if (SUCCEEDED(IAudioSessionControl_QueryInterface(session, &IID_IAudioSessionControl2, (void **)&control)))
      read_session(watch, round, now, control);
    IAudioSessionControl_Release(session);
  }
  IAudioSessionEnumerator_Release(sessions);
  return done;
}

HRESULT session_watch_poll(struct session_watch *watch, struct recorders *now) {
  *now = (struct recorders){0};
  IMMDeviceCollection *microphones = NULL;
  UINT count = 0;
  struct round *round = calloc(1, sizeof *round);
  if (round == NULL) return E_OUTOFMEMORY;
  watch->notified_of_sessions = true;
  HRESULT done = IMMDeviceEnumerator_EnumAudioEndpoints(watch->devices, eCapture, DEVICE_STATE_ACTIVE, &microphones);
  if (SUCCEEDED(done)) done = IMMDeviceCollection_GetCount(microphones, &count);
  HRESULT any = count == 0 ? S_OK : E_FAIL;
  for (UINT i = 0; SUCCEEDED(done) && i < count && i < MOST_MICROPHONES; i++) {
    IMMDevice *device = NULL;
    if (FAILED(IMMDeviceCollection_Item(microphones, i, &device))) continue; /* unplugged */
    const HRESULT polled = read_microphone(watch, round, now, device);
    if (SUCCEEDED(polled)) now->microphones++;
    else watch->notified_of_sessions = false; /* Windows does not report when the microphone answers again */
    if (FAILED(any)) any = polled;
    IMMDevice_Release(device);
  }
  if (microphones) IMMDeviceCollection_Release(microphones);
  end_round(watch->round);
  watch->round = round;
  return FAILED(done) ? done : any;
}

bool session_watch_is_notified(const struct session_watch *watch) { return watch->notified_of_devices && watch->notified_of_sessions; }

void session_watch_close(struct session_watch *watch) {
  if (watch->notified_of_devices) IMMDeviceEnumerator_UnregisterEndpointNotificationCallback(watch->devices, &devices_watcher);
  end_round(watch->round);
  free(watch);
}
