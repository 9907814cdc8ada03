/* The machine as the capture loop needs it: a port, so that the same loop runs on a mock of the COM interfaces. */
#ifndef NINJA_AUDIO_API_H
#define NINJA_AUDIO_API_H
#define COBJMACROS
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <audioclient.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LABEL_BYTES 160u
/* Result of `activate`: none of the programs to record is running. */
#define TARGET_ABSENT HRESULT_FROM_WIN32(ERROR_NOT_FOUND)

enum wake {
  WAKE_SOUND,
  WAKE_TIMEOUT,
  WAKE_STOP,          /* standard input was closed */
  WAKE_TARGET_CHANGED /* the program to record has ended, or Windows has another default output: open again */
};

struct audio_api {
  /* Gives a fresh client of the sound to record, and its name for people. The caller initializes and releases the client. */
  HRESULT (*activate)(struct audio_api *api, IAudioClient **client, char label[LABEL_BYTES]);
  /* Peak of the sound to record by Windows' own meters, 0..1; negative where it is unknown. */
  float (*meter)(struct audio_api *api);
  /* Event that the client must set when sound has arrived. */
  HANDLE (*sound_event)(struct audio_api *api);
  enum wake (*wait)(struct audio_api *api, uint32_t timeout_ms);
  /* QueryPerformanceCounter in units of 100 ns: the clock of the packets' times. */
  uint64_t (*now_100ns)(struct audio_api *api);
  bool (*give)(struct audio_api *api, const uint8_t *bytes, size_t length);
  /* One line of JSON without its line end. */
  void (*send_line)(struct audio_api *api, const char *json);
};

#endif
