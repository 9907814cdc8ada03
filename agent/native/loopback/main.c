/* ninja-loopback: writes the sound of the 3CX client (or of all other programs, or of the default output) as frames of 16 kHz
   mono to standard output, and lines about its state to standard error, until standard input is closed. With --sessions: only
   lines that name the programs that record.
   Command line and outputs: agent/src/main/capture/sources/helperProtocol.ts, agent/src/main/detection/windows/sessionsHelper.ts. */
#include "arguments.h"
#include "blindness.h"
#include "capture.h"
#include "endpoint_loopback.h"
#include "machine.h"
#include "process_loopback.h"
#include "processes.h"
#include "recorders.h"
#include "status.h"

#include <objbase.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>

struct program {
  struct machine machine; /* first: the api's functions get the program back by a cast */
  struct target target;
  uint32_t client;                   /* TARGET_CLIENT: the process that is recorded */
  WCHAR preferred[ENDPOINT_CHARACTERS]; /* TARGET_SYSTEM: the output that the client last played through; empty: the default */
  WCHAR opened[ENDPOINT_CHARACTERS]; /* TARGET_SYSTEM: the output that is recorded */
};

/* Returns whether the sound of this process counts at the meters. */
struct wanted {
  const struct processes *processes;
  uint32_t root;
  bool excluded;
};

static bool is_wanted(const void *context, uint32_t pid) {
  const struct wanted *wanted = context;
  return is_in_tree(wanted->processes->all, wanted->processes->count, wanted->root, pid) != wanted->excluded;
}

static HRESULT measure(const struct program *program, struct loudest_session *loudest) {
  struct processes *processes = processes_now(names_package(program->target.images));
  if (processes == NULL) return E_OUTOFMEMORY;
  struct wanted wanted = {processes, program->client, false};
  HRESULT done = S_FALSE;
  *loudest = (struct loudest_session){0};
  if (program->target.kind == TARGET_EVERYTHING_BUT) wanted.root = program->target.pid, wanted.excluded = true;
  if (program->target.kind == TARGET_SYSTEM) {
    const struct running_process *client = target_among(processes->all, processes->count, program->target.images);
    wanted.root = client ? client->pid : 0;
  }
  if (wanted.root != 0) done = endpoint_sessions(is_wanted, &wanted, loudest);
  free(processes);
  return done;
}

static float meter(struct audio_api *api) {
  struct program *program = (struct program *)api;
  struct loudest_session loudest;
  if (FAILED(measure(program, &loudest))) return -1;
  if (program->target.kind != TARGET_SYSTEM) return loudest.peak;
  /* The client plays through another output than the recorded one, so that one is opened. */
  if (loudest.peak >= BLINDNESS_METER && lstrcmpW(loudest.endpoint, program->opened) != 0) {
    lstrcpynW(program->preferred, loudest.endpoint, ENDPOINT_CHARACTERS);
    SetEvent(program->machine.changed);
  }
  return -1; /* nothing is hidden from an output's own loopback */
}

static HRESULT activate_client(struct program *program, IAudioClient **client, char label[LABEL_BYTES]) {
  struct processes *processes = processes_now(names_package(program->target.images));
  const struct running_process *found =
      processes ? target_among(processes->all, processes->count, program->target.images) : NULL;
  program->client = found ? found->pid : 0;
  if (found) (void)snprintf(label, LABEL_BYTES, "%.100s (%lu)", found->image, (unsigned long)found->pid);
  free(processes);
  /* not there, or just ended */
  if (program->client == 0 || !machine_watch(&program->machine, program->client)) return TARGET_ABSENT;
  return process_loopback_activate(program->client, false, client);
}

static HRESULT activate_output(struct program *program, IAudioClient **client, char label[LABEL_BYTES]) {
  const HRESULT done = endpoint_activate(program->preferred, client, program->opened, label);
  if (SUCCEEDED(done) || program->preferred[0] == 0) return done;
  program->preferred[0] = 0; /* unplugged */
  return endpoint_activate(program->preferred, client, program->opened, label);
}

static HRESULT activate(struct audio_api *api, IAudioClient **client, char label[LABEL_BYTES]) {
  struct program *program = (struct program *)api;
  switch (program->target.kind) {
    case TARGET_CLIENT:
      return activate_client(program, client, label);
    case TARGET_EVERYTHING_BUT:
      (void)snprintf(label, LABEL_BYTES, "all programs but (%lu)", (unsigned long)program->target.pid);
      return process_loopback_activate(program->target.pid, true, client);
    case TARGET_SYSTEM:
      return activate_output(program, client, label);
    case TARGET_SESSIONS:
      break; /* records no sound */
  }
  return E_UNEXPECTED;
}

/* Returns the words of the command line as UTF-8; the arguments of main() are in the code page of the PC. */
static bool parse_command_line(struct target *target) {
  enum { MOST_WORDS = 8, WORD_BYTES = IMAGES_BYTES + 4 };
  static char bytes[MOST_WORDS][WORD_BYTES];
  const char *words[MOST_WORDS];
  int count = 0;
  LPWSTR *wide = CommandLineToArgvW(GetCommandLineW(), &count);
  if (wide == NULL || count > MOST_WORDS) return false;
  for (int i = 0; i < count; i++) {
    if (WideCharToMultiByte(CP_UTF8, 0, wide[i], -1, bytes[i], WORD_BYTES, NULL, NULL) <= 0) bytes[i][0] = 0;
    words[i] = bytes[i];
  }
  LocalFree(wide);
  return arguments_parse(count, words, target);
}

/* Reports the programs that record, instead of capturing sound. */
static enum ninja_exit watch_sessions(struct machine *machine) {
  IMMDeviceEnumerator *devices = NULL;
  const HRESULT found =
      CoCreateInstance(&CLSID_MMDeviceEnumerator, NULL, CLSCTX_ALL, &IID_IMMDeviceEnumerator, (void **)&devices);
  if (FAILED(found)) {
    report_error(&machine->api, found, "The sound service of Windows does not answer; restart Windows if this stays.");
    return EXIT_FAILED;
  }
  const struct recorders_needs needs = {&machine->api, devices, machine->stop, machine->changed, process_named};
  return recorders_run(&needs);
}

static bool is_too_old(const struct program *program) {
  const enum target_kind kind = program->target.kind;
  return (kind == TARGET_CLIENT || kind == TARGET_EVERYTHING_BUT) && windows_build() < PROCESS_LOOPBACK_FIRST_BUILD;
}

int main(void) {
  static struct program program;
  struct audio_api *api = &program.machine.api;
  if (!machine_start(&program.machine)) return EXIT_BUG;
  api->activate = activate;
  api->meter = meter;
  if (!parse_command_line(&program.target)) {
    report_usage(api);
    return EXIT_USAGE;
  }
  if (is_too_old(&program)) {
    report_error(api, E_NOTIMPL,
                 "This Windows cannot record one program's sound: that needs Windows 10 version 2004 (build 19041) or newer. "
                 "Update Windows; until then the agent takes what the default output plays.");
    return EXIT_UNSUPPORTED;
  }
  if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED))) return EXIT_BUG;
  if (program.target.kind == TARGET_SESSIONS) return (int)watch_sessions(&program.machine);
  if (program.target.kind == TARGET_SYSTEM && FAILED(endpoint_watch(program.machine.changed)))
    report_error(api, E_FAIL, "Changes of the default output are not noticed on this Windows.");
  return (int)capture_run(api, program.target.images);
}
