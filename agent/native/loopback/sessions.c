#include "sessions.h"
#include "meter.h"

#include <audiopolicy.h>
#include <objbase.h>

struct search {
  wanted_process wanted;
  const void *context;
  struct loudest_session *out;
  float best; /* peak of `out`, below 0 before the first running session */
};

static void weigh(struct search *search, IAudioSessionControl *session, const WCHAR *endpoint) {
  IAudioSessionControl2 *control = NULL;
  struct meter *meter = NULL;
  AudioSessionState state = AudioSessionStateInactive;
  DWORD pid = 0;
  float peak = 0;
  if (FAILED(IAudioSessionControl_QueryInterface(session, &IID_IAudioSessionControl2, (void **)&control))) return;
  if (SUCCEEDED(IAudioSessionControl2_GetState(control, &state)) && state == AudioSessionStateActive &&
      SUCCEEDED(IAudioSessionControl2_GetProcessId(control, &pid)) && pid != 0 && search->wanted(search->context, pid) &&
      SUCCEEDED(IAudioSessionControl2_QueryInterface(control, &METER_ID, (void **)&meter))) {
    if (SUCCEEDED(meter->table->peak(meter, &peak)) && peak > search->best) {
      search->best = peak;
      search->out->peak = peak;
      lstrcpynW(search->out->endpoint, endpoint, ENDPOINT_CHARACTERS);
    }
    meter->table->release(meter);
  }
  IAudioSessionControl2_Release(control);
}

static HRESULT search_output(struct search *search, IMMDevice *device) {
  IAudioSessionManager2 *manager = NULL;
  IAudioSessionEnumerator *sessions = NULL;
  LPWSTR endpoint = NULL;
  int count = 0;
  HRESULT done = IMMDevice_GetId(device, &endpoint);
  if (SUCCEEDED(done)) done = IMMDevice_Activate(device, &IID_IAudioSessionManager2, CLSCTX_ALL, NULL, (void **)&manager);
  if (SUCCEEDED(done)) done = IAudioSessionManager2_GetSessionEnumerator(manager, &sessions);
  if (SUCCEEDED(done)) done = IAudioSessionEnumerator_GetCount(sessions, &count);
  for (int i = 0; SUCCEEDED(done) && i < count; i++) {
    IAudioSessionControl *session = NULL;
    if (FAILED(IAudioSessionEnumerator_GetSession(sessions, i, &session))) continue;
    weigh(search, session, endpoint);
    IAudioSessionControl_Release(session);
  }
  if (sessions) IAudioSessionEnumerator_Release(sessions);
  if (manager) IAudioSessionManager2_Release(manager);
  CoTaskMemFree(endpoint);
  return done;
}

HRESULT sessions_loudest(IMMDeviceEnumerator *devices, wanted_process wanted, const void *context, struct loudest_session *out) {
  IMMDeviceCollection *outputs = NULL;
  UINT count = 0;
  *out = (struct loudest_session){0};
  struct search search = {wanted, context, out, -1};
  HRESULT done = IMMDeviceEnumerator_EnumAudioEndpoints(devices, eRender, DEVICE_STATE_ACTIVE, &outputs);
  if (FAILED(done)) return done;
  done = IMMDeviceCollection_GetCount(outputs, &count);
  HRESULT any = count == 0 ? S_OK : E_FAIL;
  for (UINT i = 0; SUCCEEDED(done) && i < count; i++) {
    IMMDevice *device = NULL;
    if (FAILED(IMMDeviceCollection_Item(outputs, i, &device))) continue;
    const HRESULT searched = search_output(&search, device);
    if (FAILED(any)) any = searched;
    IMMDevice_Release(device);
  }
  IMMDeviceCollection_Release(outputs);
  return FAILED(done) ? done : any;
}
