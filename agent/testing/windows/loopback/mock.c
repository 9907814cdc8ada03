/* ninja-loopback with the COM interfaces of a scenario in place of Windows' own, to run the real capture loop under Wine.
   ninja-loopback-mock virtual|real RATE CHANNELS f32|s16 SCENARIO_FILE [--target TARGET ...]
   With a target as the agent gives it, the scenario is SCENARIO_FILE.TARGET.
   virtual: the scenario's time, as fast as it goes, ends by itself; real: the clock's time, ends when standard input does.
   The mock is strict where WASAPI is: wrong order of calls, a format that was not requested, and clients left open are errors. */
#include "../../../native/loopback/capture.h"
#include "../../../native/loopback/machine.h"
#include "../../../native/loopback/stream.h"
#include "scenario.h"

#include <mmreg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE 4096u

struct mock {
  struct machine machine;
  struct scenario scenario;
  bool is_virtual;
  uint64_t virtual_100ns, absent_until_100ns;
  CRITICAL_SECTION lock;
  struct scenario_event next, queue[QUEUE];
  uint32_t first, count, failures;
  bool lost;
  /* the one client that may be open */
  IAudioClient audio;
  IAudioCaptureClient reader;
  bool initialized, started, taken;
  HANDLE event;
  LONG audio_refs, reader_refs;
  uint32_t opened, refused, wrong_order;
  uint8_t sound[192000 / 100 * 8 * 4];
};

static struct mock mock;

static HRESULT wrong_order(HRESULT why) {
  mock.wrong_order++;
  return why;
}

static HRESULT STDMETHODCALLTYPE audio_query(IAudioClient *self, REFIID id, void **out) {
  return (void)self, (void)id, *out = NULL, E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE audio_hold(IAudioClient *self) { return (void)self, (ULONG)++mock.audio_refs; }
static ULONG STDMETHODCALLTYPE audio_release(IAudioClient *self) { return (void)self, (ULONG)--mock.audio_refs; }
static HRESULT STDMETHODCALLTYPE audio_initialize(IAudioClient *self, AUDCLNT_SHAREMODE mode, DWORD flags, REFERENCE_TIME buffer,
                                                  REFERENCE_TIME period, const WAVEFORMATEX *wave, LPCGUID session) {
  const struct sound_format *f = &mock.scenario.format;
  const WORD tag = f->kind == SAMPLE_F32 ? WAVE_FORMAT_IEEE_FLOAT : WAVE_FORMAT_PCM;
  const DWORD needed = AUDCLNT_STREAMFLAGS_LOOPBACK | AUDCLNT_STREAMFLAGS_EVENTCALLBACK;
  (void)self, (void)session;
  if (mock.initialized) return wrong_order(AUDCLNT_E_ALREADY_INITIALIZED);
  if (mode != AUDCLNT_SHAREMODE_SHARED || (flags & needed) != needed || buffer <= 0 || period != 0) return wrong_order(E_INVALIDARG);
  if (wave->wFormatTag != tag || wave->nChannels != f->channels || wave->nSamplesPerSec != f->rate_hz ||
      wave->nBlockAlign != bytes_per_frame(f) || wave->nAvgBytesPerSec != f->rate_hz * wave->nBlockAlign) {
    mock.refused++;
    return AUDCLNT_E_UNSUPPORTED_FORMAT;
  }
  mock.initialized = true;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE audio_number(IAudioClient *self, UINT32 *out) { return (void)self, *out = 0, E_NOTIMPL; }
static HRESULT STDMETHODCALLTYPE audio_latency(IAudioClient *self, REFERENCE_TIME *out) { return (void)self, *out = 0, E_NOTIMPL; }
static HRESULT STDMETHODCALLTYPE audio_supported(IAudioClient *self, AUDCLNT_SHAREMODE mode, const WAVEFORMATEX *wave,
                                                 WAVEFORMATEX **closest) {
  return (void)self, (void)mode, (void)wave, (void)closest, E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE audio_mix_format(IAudioClient *self, WAVEFORMATEX **out) {
  return (void)self, *out = NULL, E_NOTIMPL; /* as process loopback answers */
}
static HRESULT STDMETHODCALLTYPE audio_period(IAudioClient *self, REFERENCE_TIME *a, REFERENCE_TIME *b) {
  return (void)self, (void)a, (void)b, E_NOTIMPL;
}
static HRESULT STDMETHODCALLTYPE audio_start(IAudioClient *self) {
  (void)self;
  if (!mock.initialized || mock.event == NULL) return wrong_order(AUDCLNT_E_EVENTHANDLE_NOT_SET);
  mock.started = true;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE audio_stop(IAudioClient *self) { return (void)self, mock.started = false, S_OK; }
static HRESULT STDMETHODCALLTYPE audio_reset(IAudioClient *self) { return (void)self, S_OK; }
static HRESULT STDMETHODCALLTYPE audio_event(IAudioClient *self, HANDLE event) {
  return (void)self, mock.event = event, mock.initialized ? S_OK : wrong_order(AUDCLNT_E_NOT_INITIALIZED);
}
static HRESULT STDMETHODCALLTYPE audio_service(IAudioClient *self, REFIID id, void **out) {
  (void)self;
  if (!mock.initialized || !IsEqualGUID(id, &IID_IAudioCaptureClient)) return wrong_order(E_NOINTERFACE);
  mock.reader_refs++;
  *out = &mock.reader;
  return S_OK;
}

static HRESULT STDMETHODCALLTYPE reader_query(IAudioCaptureClient *self, REFIID id, void **out) {
  return (void)self, (void)id, *out = NULL, E_NOINTERFACE;
}
static ULONG STDMETHODCALLTYPE reader_hold(IAudioCaptureClient *self) { return (void)self, (ULONG)++mock.reader_refs; }
static ULONG STDMETHODCALLTYPE reader_release(IAudioCaptureClient *self) { return (void)self, (ULONG)--mock.reader_refs; }
static HRESULT STDMETHODCALLTYPE reader_get(IAudioCaptureClient *self, BYTE **data, UINT32 *frames, DWORD *flags, UINT64 *position,
                                            UINT64 *qpc) {
  (void)self;
  if (!mock.started || mock.taken) return wrong_order(AUDCLNT_E_OUT_OF_ORDER);
  if (mock.lost) return AUDCLNT_E_DEVICE_INVALIDATED;
  EnterCriticalSection(&mock.lock);
  mock.taken = mock.count > 0;
  const struct scenario_event e = mock.queue[mock.first];
  LeaveCriticalSection(&mock.lock);
  *frames = 0;
  if (!mock.taken) return AUDCLNT_S_BUFFER_EMPTY;
  scenario_fill(&mock.scenario, &e, mock.sound);
  *data = e.silent ? NULL : mock.sound;
  *frames = e.frames;
  *flags = (e.silent ? AUDCLNT_BUFFERFLAGS_SILENT : 0) | (e.discontinuity ? AUDCLNT_BUFFERFLAGS_DATA_DISCONTINUITY : 0) |
           (e.time_is_wrong ? AUDCLNT_BUFFERFLAGS_TIMESTAMP_ERROR : 0);
  *position = 0;
  *qpc = e.qpc_100ns;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE reader_done(IAudioCaptureClient *self, UINT32 frames) {
  (void)self;
  if (!mock.taken || frames != mock.queue[mock.first].frames) return wrong_order(AUDCLNT_E_OUT_OF_ORDER);
  EnterCriticalSection(&mock.lock);
  mock.first = (mock.first + 1) % QUEUE;
  mock.count--;
  LeaveCriticalSection(&mock.lock);
  mock.taken = false;
  return S_OK;
}
static HRESULT STDMETHODCALLTYPE reader_next(IAudioCaptureClient *self, UINT32 *frames) { return (void)self, *frames = 0, E_NOTIMPL; }

static IAudioClientVtbl audio_table = {
    audio_query,      audio_hold,   audio_release, audio_initialize, audio_number, audio_latency, audio_number, audio_supported,
    audio_mix_format, audio_period, audio_start,   audio_stop,       audio_reset,  audio_event,   audio_service};
static IAudioCaptureClientVtbl reader_table = {reader_query, reader_hold, reader_release, reader_get, reader_done, reader_next};

/* The value of a meter: the audible sound of now, whether or not Windows hides it from us. */
static float meter(struct audio_api *api) {
  const bool plays = api->now_100ns(api) < mock.scenario.until_100ns + SECOND_100NS / 10;
  return plays && !mock.scenario.muted ? (float)mock.scenario.amplitude : 0;
}

static uint64_t virtual_now(struct audio_api *api) { return (void)api, mock.virtual_100ns; }

static HRESULT activate(struct audio_api *api, IAudioClient **client, char label[LABEL_BYTES]) {
  if (api->now_100ns(api) < mock.absent_until_100ns) return TARGET_ABSENT;
  if (mock.failures > 0) {
    mock.failures--;
    return AUDCLNT_E_DEVICE_INVALIDATED;
  }
  if (mock.audio_refs != 0 || mock.reader_refs != 0) return wrong_order(AUDCLNT_E_DEVICE_IN_USE);
  mock.lost = mock.initialized = mock.started = mock.taken = false;
  mock.event = NULL;
  mock.audio_refs = 1;
  mock.opened++;
  strcpy(label, "3CXSoftphone.exe (4711)");
  *client = &mock.audio;
  return S_OK;
}

/* Applies the event to the machine, and returns true where the program must open again. */
static bool happen(const struct scenario_event *e) {
  EnterCriticalSection(&mock.lock);
  if (e->kind == SCENARIO_PACKET && mock.started && !mock.lost && mock.count < QUEUE)
    mock.queue[(mock.first + mock.count++) % QUEUE] = *e;
  if (e->kind == SCENARIO_INVALIDATE) mock.lost = true, mock.failures = e->failures;
  if (e->kind == SCENARIO_GONE) mock.absent_until_100ns = e->due_100ns + e->absent_100ns;
  if (e->kind == SCENARIO_INVALIDATE || e->kind == SCENARIO_GONE) mock.count = 0;
  LeaveCriticalSection(&mock.lock);
  return e->kind == SCENARIO_GONE;
}

static enum wake virtual_wait(struct audio_api *api, uint32_t timeout_ms) {
  (void)api;
  const uint64_t until = mock.virtual_100ns + timeout_ms * MS_100NS;
  if (mock.next.due_100ns > until && mock.next.kind != SCENARIO_SLEEP) {
    mock.virtual_100ns = until;
    return WAKE_TIMEOUT;
  }
  const struct scenario_event e = mock.next;
  if (e.due_100ns > mock.virtual_100ns) mock.virtual_100ns = e.due_100ns;
  if (e.kind == SCENARIO_END) return WAKE_STOP;
  const bool reopens = happen(&e);
  mock.next = scenario_next(&mock.scenario);
  return reopens ? WAKE_TARGET_CHANGED : WAKE_SOUND;
}

static DWORD WINAPI play(LPVOID unused) {
  (void)unused;
  struct audio_api *api = &mock.machine.api;
  for (;;) {
    const struct scenario_event e = scenario_next(&mock.scenario);
    if (e.kind == SCENARIO_END) return 0;
    for (uint64_t now = api->now_100ns(api); now < e.due_100ns; now = api->now_100ns(api))
      Sleep((DWORD)((e.due_100ns - now) / MS_100NS) + 1);
    if (happen(&e)) SetEvent(mock.machine.changed);
    else if (mock.event) SetEvent(mock.event);
  }
}

int main(int argc, char **argv) {
  static char lines[65536];
  char path[1024];
  snprintf(path, sizeof path, "%s%s%s", argc > 5 ? argv[5] : "", argc > 7 ? "." : "", argc > 7 ? argv[7] : "");
  FILE *file = argc > 5 ? fopen(path, "rb") : NULL;
  if (file == NULL) return fprintf(stderr, "virtual|real RATE CHANNELS f32|s16 SCENARIO_FILE\n"), EXIT_USAGE;
  lines[fread(lines, 1, sizeof lines - 1, file)] = 0;
  fclose(file);
  const struct sound_format format = {strcmp(argv[4], "f32") == 0 ? SAMPLE_F32 : SAMPLE_S16, (uint16_t)atoi(argv[3]),
                                      (uint32_t)atoi(argv[2])};
  mock.is_virtual = strcmp(argv[1], "virtual") == 0;
  mock.audio.lpVtbl = &audio_table;
  mock.reader.lpVtbl = &reader_table;
  InitializeCriticalSection(&mock.lock);
  if (!machine_start(&mock.machine)) return EXIT_BUG;
  struct audio_api *api = &mock.machine.api;
  api->activate = activate;
  api->meter = meter;
  mock.virtual_100ns = 1000 * SECOND_100NS;
  if (mock.is_virtual) api->now_100ns = virtual_now, api->wait = virtual_wait;
  scenario_init(&mock.scenario, lines, &format, api->now_100ns(api));
  if (mock.is_virtual) mock.next = scenario_next(&mock.scenario);
  else CloseHandle(CreateThread(NULL, 0, play, NULL, 0, NULL));
  const enum ninja_exit code = capture_run(api, "3CXSoftphone.exe");
  char line[256];
  snprintf(line, sizeof line, "{\"kind\":\"mock\",\"opened\":%u,\"refused\":%u,\"leftOpen\":%ld,\"wrongOrder\":%u,\"start100ns\":%llu}",
           mock.opened, mock.refused, mock.audio_refs + mock.reader_refs, mock.wrong_order, mock.scenario.start_100ns);
  api->send_line(api, line);
  return (int)code;
}
