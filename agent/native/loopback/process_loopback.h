/* Windows' process loopback: the sound of one process tree, or of all but one. */
#ifndef NINJA_PROCESS_LOOPBACK_H
#define NINJA_PROCESS_LOOPBACK_H
#include "audio_api.h"

/* Microsoft documents build 20348; process loopback works from this build on, Windows 10 version 2004 (NAudio pull request
   1348, OBS).
   https://learn.microsoft.com/windows/win32/api/audioclientactivationparams/ */
#define PROCESS_LOOPBACK_FIRST_BUILD 19041u

/* Gives a client of the sound of `pid` and its children, or with `exclude` of all other sound. Needs COM initialized as
   multithreaded. Returns ERROR_PROC_NOT_FOUND before Windows 8, and ERROR_TIMEOUT where Windows does not answer within 1.5 s
   (both as HRESULT). */
HRESULT process_loopback_activate(uint32_t pid, bool exclude, IAudioClient **client);

#endif
