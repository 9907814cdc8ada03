/* A program in place of the 3CX client on a Wine desktop: a window, and the entries that Windows itself writes about the
   microphone. The file name is the program's identity, so the test builds the program as 3CXDesktopApp.exe.
   One command per line on standard input, answered by the same line:
     take, release            the classic program's entry in the consent store: LastUsedTimeStart, LastUsedTimeStop (0: in use)
     take-package, release-package   the same for the package of 3CX V20
     take-other, release-other       the same for a browser, which is no softphone
     take-old                 an entry without an end from before the start of Windows
     wipe                     deletes the whole store, up to CapabilityAccessManager
     title TEXT               title of the window, UTF-8
     quit */
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static const wchar_t MANAGER[] = L"Software\\Microsoft\\Windows\\CurrentVersion\\CapabilityAccessManager";
static HWND window;

static ULONGLONG now(void) {
  FILETIME time;
  GetSystemTimeAsFileTime(&time);
  return ((ULONGLONG)time.dwHighDateTime << 32) | time.dwLowDateTime;
}

static void write_entry(const wchar_t *name, const wchar_t *value, ULONGLONG time) {
  wchar_t path[1200];
  HKEY key;
  swprintf(path, 1200, L"%ls\\ConsentStore\\microphone\\%ls", MANAGER, name);
  if (RegCreateKeyExW(HKEY_CURRENT_USER, path, 0, NULL, 0, KEY_SET_VALUE, NULL, &key, NULL) != 0) return;
  RegSetValueExW(key, value, 0, REG_QWORD, (const BYTE *)&time, sizeof time);
  RegCloseKey(key);
}

static void use(const wchar_t *name, const char *command) {
  if (strncmp(command, "take", 4) == 0) {
    write_entry(name, L"LastUsedTimeStart", strcmp(command, "take-old") == 0 ? 130000000000000000ull : now());
    write_entry(name, L"LastUsedTimeStop", 0);
  } else write_entry(name, L"LastUsedTimeStop", now());
}

static void obey(const char *line) {
  wchar_t own[MAX_PATH + 20] = L"NonPackaged\\", text[600];
  const size_t start = wcslen(own);
  GetModuleFileNameW(NULL, own + start, MAX_PATH);
  for (wchar_t *c = own + start; *c; c++)
    if (*c == L'\\') *c = L'#';
  if (strstr(line, "-package")) use(L"3CXDMCC.3CX_0abcdefghijkm", line);
  else if (strstr(line, "-other")) use(L"NonPackaged\\C:#Program Files#Google#Chrome#Application#chrome.exe", line);
  else if (strncmp(line, "take", 4) == 0 || strcmp(line, "release") == 0) use(own, line);
  else if (strcmp(line, "wipe") == 0) {
    RegDeleteTreeW(HKEY_CURRENT_USER, MANAGER);
    RegDeleteKeyW(HKEY_CURRENT_USER, MANAGER);
  } else if (strncmp(line, "title ", 6) == 0) {
    MultiByteToWideChar(CP_UTF8, 0, line + 6, -1, text, 600);
    SetWindowTextW(window, text);
  }
}

static DWORD WINAPI listen_to_commands(LPVOID main_thread) {
  char line[1024];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\r\n")] = 0;
    if (strcmp(line, "quit") == 0) break;
    obey(line);
    printf("%s\n", line);
    fflush(stdout);
  }
  PostThreadMessageW((DWORD)(ULONG_PTR)main_thread, WM_QUIT, 0, 0);
  return 0;
}

int main(void) {
  const WNDCLASSW class = {.lpfnWndProc = DefWindowProcW, .hInstance = GetModuleHandleW(NULL), .lpszClassName = L"Fake3CX"};
  RegisterClassW(&class);
  window = CreateWindowExW(0, L"Fake3CX", L"3CX", WS_OVERLAPPEDWINDOW | WS_VISIBLE, 100, 100, 500, 300, NULL, NULL,
                           class.hInstance, NULL);
  CreateThread(NULL, 0, listen_to_commands, (LPVOID)(ULONG_PTR)GetCurrentThreadId(), 0, NULL);
  puts("ready");
  fflush(stdout);
  for (MSG message; GetMessageW(&message, NULL, 0, 0) > 0;) DispatchMessageW(&message);
  return 0;
}
