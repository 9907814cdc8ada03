#include "processes.h"
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdlib.h>
#include <tlhelp32.h>

/* More than any PC runs; further ones are not looked at. */
#define MOST_PROCESSES 4096u

struct processes *processes_now(void) {
  struct processes *now = calloc(1, sizeof *now + MOST_PROCESSES * sizeof *now->all);
  if (now == NULL) return NULL;
  const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  if (snapshot == INVALID_HANDLE_VALUE) return now;
  DWORD ours = 0;
  ProcessIdToSessionId(GetCurrentProcessId(), &ours);
  PROCESSENTRY32W entry = {.dwSize = sizeof entry};
  for (BOOL more = Process32FirstW(snapshot, &entry); more && now->count < MOST_PROCESSES;
       more = Process32NextW(snapshot, &entry)) {
    DWORD session = 0;
    if (!ProcessIdToSessionId(entry.th32ProcessID, &session) || session != ours) continue;
    struct running_process *process = &now->all[now->count];
    process->pid = entry.th32ProcessID;
    process->parent = entry.th32ParentProcessID;
    if (WideCharToMultiByte(CP_UTF8, 0, entry.szExeFile, -1, process->image, sizeof process->image, NULL, NULL) > 0)
      now->count++;
  }
  CloseHandle(snapshot);
  return now;
}
