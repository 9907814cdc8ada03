/* Lines on standard error, one JSON object each, as agent/src/main/capture/sources/helperProtocol.ts reads them (`opened`, `waiting`,
   `error`) or keeps them for the log (`glitches`, `ended`). Texts must hold no quotes; status_clean makes foreign texts fit. */
#ifndef NINJA_STATUS_H
#define NINJA_STATUS_H
#include "audio_api.h"
#include "stream.h"

void report_opened(struct audio_api *api, const char *label);
void report_waiting(struct audio_api *api, const char *images);
void report_error(struct audio_api *api, HRESULT why, const char *text);
void report_usage(struct audio_api *api);
void report_glitches(struct audio_api *api, uint64_t count, const struct stream *stream);
void report_ended(struct audio_api *api, const struct stream *stream, const struct sound_format *format);

/* Converts UTF-16 of Windows into UTF-8 that may stand in a line, and truncates a text that does not fit. */
void status_clean(const wchar_t *from, char *to, size_t bytes);

#endif
