#include "processes.h"
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdlib.h>
#include <tlhelp32.h>

/* More than any PC runs; further ones are not looked at. */
#define MOST_PROCESSES 4096u

bool processes_find(const char *images, struct running_process *found) {
  struct running_process *all = calloc(MOST_PROCESSES, sizeof *all);
  const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  DWORD ours = 0;
  ProcessIdToSessionId(GetCurrentProcessId(), &ours);
  size_t count = 0;
  PROCESSENTRY32W entry = {.dwSize = sizeof entry};
  if (all && snapshot != INVALID_HANDLE_VALUE && Process32FirstW(snapshot, &entry)) do {
      DWORD session = 0;
      if (!ProcessIdToSessionId(entry.th32ProcessID, &session) || session != ours) continue;
      struct running_process *process = &all[count];
      process->pid = entry.th32ProcessID;
      process->parent = entry.th32ParentProcessID;
      if (WideCharToMultiByte(CP_UTF8, 0, entry.szExeFile, -1, process->image, sizeof process->image, NULL, NULL) > 0) count++;
    } while (count < MOST_PROCESSES && Process32NextW(snapshot, &entry));
  if (snapshot != INVALID_HANDLE_VALUE) CloseHandle(snapshot);
  const struct running_process *chosen = all ? target_among(all, count, images) : NULL;
  if (chosen) *found = *chosen;
  free(all);
  return chosen != NULL;
}
