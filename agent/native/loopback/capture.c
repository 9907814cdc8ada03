#include "capture.h"
#include "blindness.h"
#include "client.h"
#include "status.h"
#include "stream.h"
#include <stdlib.h>

/* Without packets the loop wakes up this often to write the silence that is due: with HOLD_BACK it is out within 300 ms. */
#define WAKE_MS 50u
/* The interval at which a program that does not run is searched for, and a lost device is opened again. */
#define RETRY_MS 1000u
/* The audio service needs some seconds to restart; later the agent decides. */
#define LOST_ATTEMPTS 30u
/* Broken sound is reported at most this often. */
#define REPORT_GLITCHES_100NS SECOND_100NS

struct capture {
  struct audio_api *api;
  struct stream stream;
  struct client client;
  uint64_t reported_glitches, reported_at_100ns;
  struct blindness blindness;
};

/* Not an error of Windows: the result of read_sound() where Windows plays sound but hides it from us. */
#define HIDDEN_FROM_US HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED)

static bool give(void *context, const uint8_t *bytes, size_t length) {
  struct audio_api *api = context;
  return api->give(api, bytes, length);
}

static void report_broken_sound(struct capture *c, uint64_t now_100ns) {
  const uint64_t fresh = c->stream.totals.glitches - c->reported_glitches;
  if (fresh == 0 || now_100ns < c->reported_at_100ns + REPORT_GLITCHES_100NS) return;
  report_glitches(c->api, fresh, &c->stream);
  c->reported_glitches = c->stream.totals.glitches;
  c->reported_at_100ns = now_100ns;
}

static bool is_blind(struct capture *c, uint64_t now_100ns) {
  if (!blindness_is_due(&c->blindness, now_100ns)) return false;
  const float peak = c->api->meter(c->api);
  return blindness_check(&c->blindness, peak, stream_read_loudest(&c->stream));
}

/* Reads until a stop request, a changed target or a lost device (`lost`) comes, or no reader is left. */
static enum wake read_sound(struct capture *c, HRESULT *lost) {
  for (;;) {
    const enum wake wake = c->api->wait(c->api, WAKE_MS);
    *lost = client_read(&c->client, c->api, &c->stream);
    const uint64_t now = c->api->now_100ns(c->api);
    stream_tick(&c->stream, now);
    report_broken_sound(c, now);
    if (SUCCEEDED(*lost) && is_blind(c, now)) *lost = HIDDEN_FROM_US;
    if (FAILED(*lost) || c->stream.broken || wake == WAKE_STOP || wake == WAKE_TARGET_CHANGED) return wake;
  }
}

/* Lets the time line go on without sound. Returns true when a stop is requested. */
static bool idle(struct capture *c) {
  for (uint32_t waited = 0; waited < RETRY_MS; waited += WAKE_MS) {
    const enum wake wake = c->api->wait(c->api, WAKE_MS);
    stream_tick(&c->stream, c->api->now_100ns(c->api));
    if (wake == WAKE_STOP || c->stream.broken) return true;
  }
  return false;
}

/* Returns whether Windows lacks this kind of loopback: no such function, device (1809: 0x80070002), or interface. Not
   E_INVALIDARG, which may as well mean a program that has just ended. */
static bool is_unsupported(HRESULT why) {
  return why == HRESULT_FROM_WIN32(ERROR_PROC_NOT_FOUND) || why == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
         why == E_NOTIMPL || why == E_NOINTERFACE;
}

static enum ninja_exit refused(struct capture *c, HRESULT why, bool was_open) {
  if (is_unsupported(why) && !was_open) {
    report_error(c->api, why, "This Windows has no loopback of this kind; the agent takes the next way to hear the caller.");
    return EXIT_UNSUPPORTED;
  }
  report_error(c->api, why, "Windows does not open the loopback: is the Windows Audio service running, is an output there?");
  return EXIT_FAILED;
}

static enum ninja_exit run(struct capture *c, const char *waiting_for) {
  bool was_open = false, reported_waiting = false;
  uint32_t attempts = 0;
  for (;;) {
    char label[LABEL_BYTES] = "";
    const HRESULT opened = client_open(&c->client, c->api, &c->stream, label);
    if (FAILED(opened)) {
      if (opened == TARGET_ABSENT) {
        attempts = 0;
        if (!reported_waiting) report_waiting(c->api, waiting_for);
        reported_waiting = true;
      } else if (!was_open || ++attempts >= LOST_ATTEMPTS) return refused(c, opened, was_open);
      if (idle(c)) return c->stream.broken ? EXIT_READER_GONE : EXIT_ASKED;
      continue;
    }
    was_open = true;
    reported_waiting = false;
    attempts = 0;
    report_opened(c->api, label);
    HRESULT lost = S_OK;
    const enum wake end = read_sound(c, &lost);
    client_close(&c->client);
    if (c->stream.broken) return EXIT_READER_GONE;
    if (end == WAKE_STOP) return EXIT_ASKED;
    if (lost == HIDDEN_FROM_US) {
      report_error(c->api, lost, "Windows shows that sound is played, but hides it from this kind of recording.");
      return EXIT_UNSUPPORTED;
    }
    c->blindness.checks = 0;
    if (FAILED(lost)) report_error(c->api, lost, "The audio device was lost; it is opened again every second.");
  }
}

enum ninja_exit capture_run(struct audio_api *api, const char *waiting_for) {
  struct capture *c = calloc(1, sizeof *c);
  if (c == NULL) return EXIT_BUG;
  c->api = api;
  stream_init(&c->stream, give, api, api->now_100ns(api));
  const enum ninja_exit code = run(c, waiting_for);
  client_close(&c->client);
  stream_end(&c->stream);
  report_ended(api, &c->stream, &c->stream.format);
  free(c);
  return code;
}
