#include "status.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(gnu_printf, 2, 3))) static void send_format(struct audio_api *api, const char *format, ...) {
  char line[1600];
  va_list arguments;
  va_start(arguments, format);
  const int length = __mingw_vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (length > 0 && (size_t)length < sizeof line) api->send_line(api, line);
}

void report_opened(struct audio_api *api, const char *label) { send_format(api, "{\"kind\":\"opened\",\"label\":\"%s\"}", label); }

void report_waiting(struct audio_api *api, const char *images) {
  send_format(api, "{\"kind\":\"waiting\",\"for\":\"%.399s\"}", images);
}

void report_error(struct audio_api *api, HRESULT why, const char *text) {
  send_format(api, "{\"kind\":\"error\",\"code\":\"hresult:0x%08lx\",\"text\":\"%s\"}", (unsigned long)why, text);
}

void report_usage(struct audio_api *api) {
  send_format(api, "{\"kind\":\"error\",\"code\":\"usage\",\"text\":\"wrong arguments: give --target client --images A.exe,B.exe, "
            "or --target everything-but --pid N, or --target system, or --sessions\"}");
}

void report_glitches(struct audio_api *api, uint64_t count, const struct stream *stream) {
  send_format(api, "{\"kind\":\"glitches\",\"count\":%" PRIu64 ",\"sample\":%" PRIu64 ",\"cutSamples\":%" PRIu64 "}", count,
       stream->timeline.written, stream->totals.cut_samples);
}

void report_ended(struct audio_api *api, const struct stream *stream, const struct sound_format *format) {
  const struct stream_totals *t = &stream->totals;
  send_format(api,
       "{\"kind\":\"ended\",\"packets\":%" PRIu64 ",\"soundSamples\":%" PRIu64 ",\"silenceSamples\":%" PRIu64
       ",\"cutSamples\":%" PRIu64 ",\"skippedSamples\":%" PRIu64 ",\"glitches\":%" PRIu64 ",\"rateHz\":%" PRIu32
       ",\"channels\":%u}",
       t->packets, t->sound_samples, t->silence_samples, t->cut_samples, t->skipped_samples, t->glitches, format->rate_hz,
       (unsigned)format->channels);
}

void status_clean(const wchar_t *from, char *to, size_t bytes) {
  /* the longest UTF-8 of one UTF-16 unit is 3 bytes, so a part that fits is found by shortening */
  int units = (int)wcslen(from), length = 0;
  for (; units > 0 && length == 0; units--)
    length = WideCharToMultiByte(CP_UTF8, 0, from, units, to, (int)bytes - 1, NULL, NULL);
  to[length] = 0;
  for (char *c = to; *c; c++)
    if ((unsigned char)*c < 32 || *c == '"' || *c == '\\') *c = ' ';
}
