#include "recorders.h"
#include "session_watch.h"
#include "status.h"

#include <stdio.h>
#include <string.h>

/* A sign of life while nothing changes: to the agent, a helper that writes nothing for 30 s hangs. */
#define ALIVE_MS 10000u
/* The interval of polls where Windows does not report changes. */
#define POLL_MS 1000u
/* The wait after a failed poll: the sound service may be starting, or a device be going just now. */
#define AGAIN_MS 1000u
#define PATIENCE 5

#define LINE_BYTES 1500u

/* Texts of Windows that may stand in a line of JSON. */
static void clean(char *text) {
  for (char *c = text; *c; c++)
    if ((unsigned char)*c < 32 || *c == '"' || *c == '\\') *c = ' ';
}

/* As many programs as a line has room for; no PC has that many microphones in use. */
static void describe(const struct recorders_needs *needs, const struct recorders *now, bool notified, char line[LINE_BYTES]) {
  size_t length = (size_t)snprintf(line, LINE_BYTES, "{\"kind\":\"recording\",\"by\":\"%s\",\"microphones\":%u,\"programs\":[",
                                   notified ? "notice" : "polling", (unsigned)now->microphones);
  const char *comma = "";
  for (size_t i = 0; i < now->count; i++) {
    struct running_process program;
    char one[IMAGE_BYTES + FAMILY_BYTES + 40];
    needs->name(now->pids[i], &program);
    clean(program.image);
    clean(program.family);
    if (program.image[0] == 0) continue; /* of another user, or just ended */
    const int size = program.family[0] == 0
                         ? snprintf(one, sizeof one, "%s{\"image\":\"%s\"}", comma, program.image)
                         : snprintf(one, sizeof one, "%s{\"image\":\"%s\",\"family\":\"%s\"}", comma, program.image, program.family);
    if (size < 0 || length + (size_t)size + 3 > LINE_BYTES) break;
    memcpy(line + length, one, (size_t)size + 1);
    length += (size_t)size;
    comma = ",";
  }
  memcpy(line + length, "]}", 3);
}

/* Returns true when a stop is requested. */
static bool wait(const struct recorders_needs *needs, DWORD ms, bool *changed) {
  const HANDLE handles[] = {needs->stop, needs->changed};
  const DWORD woken = WaitForMultipleObjects(2, handles, FALSE, ms);
  *changed = woken == WAIT_OBJECT_0 + 1;
  return woken == WAIT_OBJECT_0 || woken == WAIT_FAILED;
}

static enum ninja_exit give_up(const struct recorders_needs *needs, HRESULT why) {
  if (why == E_NOTIMPL || why == E_NOINTERFACE) {
    report_error(needs->api, why, "This system does not list the programs that record; calls are noticed otherwise.");
    return EXIT_UNSUPPORTED;
  }
  report_error(needs->api, why, "The sound service of Windows does not report which programs record; restart Windows if this stays.");
  return EXIT_FAILED;
}

static enum ninja_exit run(const struct recorders_needs *needs, struct session_watch *watch) {
  char last[LINE_BYTES] = "", line[LINE_BYTES];
  DWORD silentMs = 0;
  for (int failures = 0;;) {
    struct recorders now;
    bool changed = false;
    const HRESULT polled = session_watch_poll(watch, &now);
    if (FAILED(polled)) {
      if (polled == E_NOTIMPL || ++failures >= PATIENCE) return give_up(needs, polled);
      if (wait(needs, AGAIN_MS, &changed)) return EXIT_ASKED;
      continue;
    }
    failures = 0;
    const bool notified = session_watch_is_notified(watch);
    describe(needs, &now, notified, line);
    if (strcmp(line, last) != 0) {
      needs->api->send_line(needs->api, line);
      memcpy(last, line, sizeof last);
      silentMs = 0;
    }
    for (; !changed;) {
      const DWORD ms = notified ? ALIVE_MS : POLL_MS;
      if (wait(needs, ms, &changed)) return EXIT_ASKED;
      silentMs = changed ? silentMs : silentMs + ms;
      if (silentMs >= ALIVE_MS) {
        needs->api->send_line(needs->api, "{\"kind\":\"alive\"}");
        silentMs = 0;
      }
      if (!notified) break;
    }
  }
}

enum ninja_exit recorders_run(const struct recorders_needs *needs) {
  struct session_watch *watch = session_watch_open(needs->devices, needs->changed);
  if (watch == NULL) return EXIT_BUG;
  const enum ninja_exit end = run(needs, watch);
  session_watch_close(watch);
  return end;
}
