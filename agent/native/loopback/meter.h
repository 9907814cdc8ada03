/* IAudioMeterInformation of the Windows SDK's endpointvolume.h, which mingw-w64 10 only announces.
   https://learn.microsoft.com/windows/win32/api/endpointvolume/nn-endpointvolume-iaudiometerinformation */
#ifndef NINJA_METER_H
#define NINJA_METER_H
#include "audio_api.h"

struct meter;
struct meter_table {
  HRESULT(STDMETHODCALLTYPE *query)(struct meter *self, REFIID id, void **out);
  ULONG(STDMETHODCALLTYPE *hold)(struct meter *self);
  ULONG(STDMETHODCALLTYPE *release)(struct meter *self);
  HRESULT(STDMETHODCALLTYPE *peak)(struct meter *self, float *peak);
  HRESULT(STDMETHODCALLTYPE *channel_count)(struct meter *self, UINT *count);
  HRESULT(STDMETHODCALLTYPE *channel_peaks)(struct meter *self, UINT32 count, float *peaks);
  HRESULT(STDMETHODCALLTYPE *hardware_support)(struct meter *self, DWORD *support);
};
struct meter {
  const struct meter_table *table;
};

static const GUID METER_ID = {0xc02216f6, 0x8c67, 0x4b5b, {0x9d, 0x00, 0xd0, 0x08, 0xe7, 0x3e, 0x00, 0x64}};

#endif
