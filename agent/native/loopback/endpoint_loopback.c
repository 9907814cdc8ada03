#include "endpoint_loopback.h"
#include "status.h"

#include <objbase.h>
#include <string.h>

/* PKEY_Device_FriendlyName of functiondiscoverykeys_devpkey.h */
static const PROPERTYKEY FRIENDLY_NAME = {{0xa45c254e, 0xdf1c, 0x4efd, {0x80, 0x20, 0x67, 0xd1, 0x46, 0xa8, 0x50, 0xe0}}, 14};

static HANDLE changed_event;
static IMMDeviceEnumerator *devices;

static HRESULT STDMETHODCALLTYPE query(IMMNotificationClient *self, REFIID id, void **out) {
  const bool known = IsEqualGUID(id, &IID_IUnknown) || IsEqualGUID(id, &IID_IMMNotificationClient);
  *out = known ? self : NULL;
  return known ? S_OK : E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE hold(IMMNotificationClient *self) { return (void)self, 1; } /* lives as long as the process */
static HRESULT STDMETHODCALLTYPE state_changed(IMMNotificationClient *self, LPCWSTR id, DWORD state) {
  return (void)self, (void)id, (void)state, S_OK;
}
static HRESULT STDMETHODCALLTYPE added_or_removed(IMMNotificationClient *self, LPCWSTR id) { return (void)self, (void)id, S_OK; }
static HRESULT STDMETHODCALLTYPE default_changed(IMMNotificationClient *self, EDataFlow flow, ERole role, LPCWSTR id) {
  (void)self, (void)id;
  if (flow == eRender && role == eConsole) SetEvent(changed_event);
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE property_changed(IMMNotificationClient *self, LPCWSTR id, const PROPERTYKEY key) {
  return (void)self, (void)id, (void)key, S_OK;
}
static IMMNotificationClientVtbl watcher_table = {query,           hold,           hold, state_changed, added_or_removed,
                                                  added_or_removed, default_changed, property_changed};
static IMMNotificationClient watcher = {&watcher_table};

static HRESULT find_devices(void) {
  if (devices) return S_OK;
  return CoCreateInstance(&CLSID_MMDeviceEnumerator, NULL, CLSCTX_ALL, &IID_IMMDeviceEnumerator, (void **)&devices);
}

HRESULT endpoint_watch(HANDLE changed) {
  const HRESULT found = find_devices();
  if (FAILED(found)) return found;
  changed_event = changed;
  return IMMDeviceEnumerator_RegisterEndpointNotificationCallback(devices, &watcher);
}

static void name_of(IMMDevice *device, char label[LABEL_BYTES]) {
  IPropertyStore *properties = NULL;
  PROPVARIANT name;
  memset(&name, 0, sizeof name);
  strcpy(label, "default output");
  if (FAILED(IMMDevice_OpenPropertyStore(device, STGM_READ, &properties))) return;
  if (SUCCEEDED(IPropertyStore_GetValue(properties, &FRIENDLY_NAME, &name)) && name.vt == VT_LPWSTR)
    status_clean(name.pwszVal, label, LABEL_BYTES);
  PropVariantClear(&name);
  IPropertyStore_Release(properties);
}

HRESULT endpoint_sessions(wanted_process wanted, const void *context, struct loudest_session *out) {
  const HRESULT found = find_devices();
  return FAILED(found) ? found : sessions_loudest(devices, wanted, context, out);
}

HRESULT endpoint_activate(const WCHAR *id, IAudioClient **client, WCHAR opened[ENDPOINT_CHARACTERS], char label[LABEL_BYTES]) {
  *client = NULL;
  opened[0] = 0;
  LPWSTR own_id = NULL;
  HRESULT done = find_devices();
  if (FAILED(done)) return done;
  IMMDevice *device = NULL;
  done = id[0] ? IMMDeviceEnumerator_GetDevice(devices, id, &device)
               : IMMDeviceEnumerator_GetDefaultAudioEndpoint(devices, eRender, eConsole, &device);
  if (FAILED(done)) return AUDCLNT_E_DEVICE_INVALIDATED; /* no output at the moment */
  name_of(device, label);
  if (SUCCEEDED(IMMDevice_GetId(device, &own_id))) lstrcpynW(opened, own_id, ENDPOINT_CHARACTERS);
  CoTaskMemFree(own_id);
  done = IMMDevice_Activate(device, &IID_IAudioClient, CLSCTX_ALL, NULL, (void **)client);
  IMMDevice_Release(device);
  return done;
}
