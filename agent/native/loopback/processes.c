#include "processes.h"
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

/* More than any PC runs; further ones are not read. */
#define MOST_PROCESSES 4096u
#define MOST_PATH 1024u

static void to_utf8(const WCHAR *from, char *to, int bytes) {
  if (WideCharToMultiByte(CP_UTF8, 0, from, -1, to, bytes, NULL, NULL) <= 0) to[0] = 0;
}

/* GetPackageFamilyName exists since Windows 8; mingw-w64 10 does not declare it.
   https://learn.microsoft.com/windows/win32/api/appmodel/nf-appmodel-getpackagefamilyname */
static void read_family(HANDLE handle, char family[FAMILY_BYTES]) {
  typedef LONG(WINAPI * get_family)(HANDLE process, UINT32 *length, WCHAR *name);
  const HMODULE kernel = GetModuleHandleW(L"kernel32.dll");
  const get_family ask = kernel ? (get_family)(void *)GetProcAddress(kernel, "GetPackageFamilyName") : NULL;
  WCHAR name[FAMILY_BYTES];
  UINT32 length = FAMILY_BYTES;
  if (ask && ask(handle, &length, name) == ERROR_SUCCESS) to_utf8(name, family, FAMILY_BYTES);
}

/* Result of the last poll: we poll twice a second during a call, and a process keeps its package for life. */
struct known {
  uint32_t pid, parent, image;
  char family[FAMILY_BYTES];
};
static struct known known[MOST_PROCESSES];
static size_t known_count;

static uint32_t hash(const char *text) { /* FNV-1a */
  uint32_t sum = 2166136261u;
  for (; *text; text++) sum = (sum ^ (uint8_t)*text) * 16777619u;
  return sum;
}

static bool recall(struct running_process *process) {
  const uint32_t image = hash(process->image);
  for (size_t i = 0; i < known_count; i++) {
    if (known[i].pid != process->pid || known[i].parent != process->parent || known[i].image != image) continue;
    memcpy(process->family, known[i].family, FAMILY_BYTES);
    return true;
  }
  return false;
}

static void learn(const struct processes *now) {
  for (size_t i = 0; i < now->count; i++) {
    const struct running_process *process = &now->all[i];
    known[i] = (struct known){.pid = process->pid, .parent = process->parent, .image = hash(process->image)};
    memcpy(known[i].family, process->family, FAMILY_BYTES);
  }
  known_count = now->count;
}

static void read_family_of(struct running_process *process) {
  if (recall(process)) return;
  const HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process->pid);
  if (handle == NULL) return;
  read_family(handle, process->family);
  CloseHandle(handle);
}

void process_named(uint32_t pid, struct running_process *process) {
  *process = (struct running_process){.pid = pid};
  WCHAR path[MOST_PATH];
  DWORD length = MOST_PATH;
  const HANDLE handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
  if (handle == NULL) return;
  if (QueryFullProcessImageNameW(handle, 0, path, &length)) {
    const WCHAR *last = wcsrchr(path, L'\\');
    to_utf8(last ? last + 1 : path, process->image, IMAGE_BYTES);
  }
  read_family(handle, process->family);
  CloseHandle(handle);
}

/* The agent's processes are those of the program that started us. */
static void mark_ours(struct processes *now) {
  const DWORD own = GetCurrentProcessId();
  const char *agent = NULL;
  uint32_t parent = 0;
  for (size_t i = 0; i < now->count; i++)
    if (now->all[i].pid == own) parent = now->all[i].parent;
  for (size_t i = 0; i < now->count; i++)
    if (now->all[i].pid == parent) agent = now->all[i].image;
  for (size_t i = 0; agent && i < now->count; i++) now->all[i].ours = strcmp(now->all[i].image, agent) == 0;
}

struct processes *processes_now(bool families) {
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
    to_utf8(entry.szExeFile, process->image, sizeof process->image);
    if (process->image[0] == 0) continue;
    if (families) read_family_of(process);
    now->count++;
  }
  CloseHandle(snapshot);
  if (families) learn(now);
  mark_ours(now);
  return now;
}
