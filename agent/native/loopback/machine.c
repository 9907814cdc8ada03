#include "machine.h"
#include <stdlib.h>
#include <string.h>

static struct machine *of(struct audio_api *api) { return (struct machine *)api; }

static HANDLE sound_event(struct audio_api *api) { return of(api)->sound; }

static uint64_t now_100ns(struct audio_api *api) {
  LARGE_INTEGER ticks;
  QueryPerformanceCounter(&ticks);
  const int64_t per_second = of(api)->ticks_per_second;
  /* in two steps: ticks * 10^7 would overflow after some days */
  return (uint64_t)(ticks.QuadPart / per_second * 10000000 + ticks.QuadPart % per_second * 10000000 / per_second);
}

static enum wake wait(struct audio_api *api, uint32_t timeout_ms) {
  struct machine *m = of(api);
  const HANDLE handles[] = {m->stop, m->changed, m->sound, m->process};
  switch (WaitForMultipleObjects(m->process ? 4 : 3, handles, FALSE, timeout_ms)) {
    case WAIT_OBJECT_0:
    case WAIT_FAILED: /* one of our handles is broken: an end is better than a spin */
      return WAKE_STOP;
    case WAIT_OBJECT_0 + 3:
      CloseHandle(m->process);
      m->process = NULL;
      return WAKE_TARGET_CHANGED;
    case WAIT_OBJECT_0 + 1:
      return WAKE_TARGET_CHANGED;
    case WAIT_OBJECT_0 + 2:
      return WAKE_SOUND;
    default:
      return WAKE_TIMEOUT;
  }
}

static bool write_all(HANDLE pipe, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    DWORD written = 0;
    if (!WriteFile(pipe, bytes, (DWORD)length, &written, NULL) || written == 0) return false;
    bytes += written;
    length -= written;
  }
  return true;
}

static bool give(struct audio_api *api, const uint8_t *bytes, size_t length) {
  (void)api;
  return write_all(GetStdHandle(STD_OUTPUT_HANDLE), bytes, length);
}

static void send_line(struct audio_api *api, const char *json) {
  (void)api;
  char line[1602];
  const size_t length = strlen(json);
  if (length + 1 > sizeof line) return;
  memcpy(line, json, length);
  line[length] = '\n';
  (void)write_all(GetStdHandle(STD_ERROR_HANDLE), (const uint8_t *)line, length + 1); /* no reader is left */
}

static DWORD WINAPI watch_input(LPVOID stop) {
  uint8_t ignored[64];
  DWORD read = 0;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), ignored, sizeof ignored, &read, NULL) && read > 0) {
  }
  SetEvent(stop);
  return 0;
}

bool machine_start(struct machine *m) {
  LARGE_INTEGER frequency;
  memset(m, 0, sizeof *m);
  m->api = (struct audio_api){
      .sound_event = sound_event, .wait = wait, .now_100ns = now_100ns, .give = give, .send_line = send_line};
  QueryPerformanceFrequency(&frequency);
  m->ticks_per_second = frequency.QuadPart;
  m->sound = CreateEventW(NULL, FALSE, FALSE, NULL);
  m->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
  m->changed = CreateEventW(NULL, FALSE, FALSE, NULL);
  if (m->sound == NULL || m->stop == NULL || m->changed == NULL) return false;
  const HANDLE watcher = CreateThread(NULL, 65536, watch_input, m->stop, 0, NULL);
  if (watcher == NULL) return false;
  CloseHandle(watcher);
  return true;
}

bool machine_watch(struct machine *m, uint32_t pid) {
  if (m->process) CloseHandle(m->process);
  m->process = OpenProcess(SYNCHRONIZE, FALSE, pid);
  /* A process that we may not watch can be recorded all the same; its end then shows as silence. */
  if (m->process == NULL) return GetLastError() == ERROR_ACCESS_DENIED;
  return WaitForSingleObject(m->process, 0) == WAIT_TIMEOUT;
}

uint32_t windows_build(void) {
  typedef LONG(WINAPI * get_version)(OSVERSIONINFOW *);
  const HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
  const get_version RtlGetVersion = ntdll ? (get_version)(void *)GetProcAddress(ntdll, "RtlGetVersion") : NULL;
  OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof version};
  return RtlGetVersion && RtlGetVersion(&version) == 0 && version.dwMajorVersion >= 10 ? version.dwBuildNumber : 0;
}
