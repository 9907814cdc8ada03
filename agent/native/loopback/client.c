#include "client.h"
#include <mmreg.h>
#include <objbase.h>
#include <string.h>

/* Sound that WASAPI buffers while our reader is busy; the pipe to the reader (64 KiB) holds two seconds more. */
#define BUFFER_100NS (2 * SECOND_100NS)

/* Process loopback has no mix format of its own (GetMixFormat: E_NOTIMPL): the client names one and Windows converts. In this
   order, since other programs have got the first ones (48 kHz float: OBS; 44.1 kHz: Microsoft's ApplicationLoopback). */
static const struct sound_format FORMATS[] = {
    {SAMPLE_F32, 2, 48000}, {SAMPLE_S16, 2, 48000}, {SAMPLE_S16, 2, 44100}, {SAMPLE_S16, 1, 16000}};
#define FORMAT_COUNT (sizeof FORMATS / sizeof *FORMATS)

static WAVEFORMATEX wave_of(const struct sound_format *format) {
  const WORD frame_bytes = (WORD)bytes_per_frame(format);
  return (WAVEFORMATEX){.wFormatTag = format->kind == SAMPLE_F32 ? WAVE_FORMAT_IEEE_FLOAT : WAVE_FORMAT_PCM,
                        .nChannels = format->channels,
                        .nSamplesPerSec = format->rate_hz,
                        .nAvgBytesPerSec = format->rate_hz * frame_bytes,
                        .nBlockAlign = frame_bytes,
                        .wBitsPerSample = (WORD)(frame_bytes * 8 / format->channels)};
}

/* Rate and channels of the endpoint's own format, where we can read it as float: then Windows need not convert. */
static bool mix_format(IAudioClient *audio, struct sound_format *format) {
  WAVEFORMATEX *wave = NULL;
  if (FAILED(IAudioClient_GetMixFormat(audio, &wave)) || wave == NULL) return false;
  *format = (struct sound_format){SAMPLE_F32, wave->nChannels, wave->nSamplesPerSec};
  const bool fits = wave->wBitsPerSample == 32 && wave->nChannels > 0 && wave->nChannels <= 8 &&
                    wave->nSamplesPerSec >= RESAMPLE_MIN_HZ && wave->nSamplesPerSec <= RESAMPLE_MAX_HZ;
  CoTaskMemFree(wave);
  return fits;
}

static HRESULT start(struct client *client, struct audio_api *api, const struct sound_format *format) {
  const WAVEFORMATEX wave = wave_of(format);
  const DWORD flags = AUDCLNT_STREAMFLAGS_LOOPBACK | AUDCLNT_STREAMFLAGS_EVENTCALLBACK | AUDCLNT_STREAMFLAGS_AUTOCONVERTPCM |
                      AUDCLNT_STREAMFLAGS_SRC_DEFAULT_QUALITY;
  HRESULT done = IAudioClient_Initialize(client->audio, AUDCLNT_SHAREMODE_SHARED, flags, BUFFER_100NS, 0, &wave, NULL);
  if (SUCCEEDED(done)) done = IAudioClient_SetEventHandle(client->audio, api->sound_event(api));
  if (SUCCEEDED(done)) done = IAudioClient_GetService(client->audio, &IID_IAudioCaptureClient, (void **)&client->reader);
  if (SUCCEEDED(done)) done = IAudioClient_Start(client->audio);
  return done;
}

HRESULT client_open(struct client *client, struct audio_api *api, struct stream *stream, char label[LABEL_BYTES]) {
  HRESULT done = E_FAIL;
  for (size_t i = 0; i <= FORMAT_COUNT; i++) {
    /* a client that refused one format may be of no further use, so each format gets its own */
    done = api->activate(api, &client->audio, label);
    if (FAILED(done)) return done;
    struct sound_format format;
    const bool has_own = mix_format(client->audio, &format);
    if (i > 0 || !has_own) {
      if (i == 0) i = 1;
      format = FORMATS[i - 1];
    }
    done = start(client, api, &format);
    if (SUCCEEDED(done)) return stream_set_format(stream, &format) ? S_OK : E_UNEXPECTED;
    client_close(client);
    if (done == AUDCLNT_E_DEVICE_INVALIDATED || done == AUDCLNT_E_SERVICE_NOT_RUNNING) return done;
  }
  return done;
}

HRESULT client_read(struct client *client, struct audio_api *api, struct stream *stream) {
  for (;;) {
    BYTE *data = NULL;
    UINT32 frames = 0;
    DWORD flags = 0;
    UINT64 position = 0, qpc = 0;
    const HRESULT got = IAudioCaptureClient_GetBuffer(client->reader, &data, &frames, &flags, &position, &qpc);
    if (got == AUDCLNT_S_BUFFER_EMPTY) return S_OK;
    if (FAILED(got)) return got;
    if (frames > 0) {
      const struct packet packet = {data, frames, (flags & AUDCLNT_BUFFERFLAGS_SILENT) != 0,
                                    (flags & AUDCLNT_BUFFERFLAGS_TIMESTAMP_ERROR) != 0, qpc};
      stream_packet(stream, &packet, api->now_100ns(api));
    }
    const HRESULT released = IAudioCaptureClient_ReleaseBuffer(client->reader, frames);
    if (FAILED(released)) return released;
    if (frames == 0 || stream->broken) return S_OK;
  }
}

void client_close(struct client *client) {
  if (client->audio) IAudioClient_Stop(client->audio);
  if (client->reader) IAudioCaptureClient_Release(client->reader);
  if (client->audio) IAudioClient_Release(client->audio);
  *client = (struct client){NULL, NULL};
}
