/* One opened WASAPI client: its start, its packets, its end. */
#ifndef NINJA_CLIENT_H
#define NINJA_CLIENT_H
#include "audio_api.h"
#include "stream.h"

struct client {
  IAudioClient *audio;
  IAudioCaptureClient *reader;
};

/* Opens and starts the client, and sets the format of the stream. Returns the error of the last format tried. */
HRESULT client_open(struct client *client, struct audio_api *api, struct stream *stream, char label[LABEL_BYTES]);

/* Reads all waiting packets. Returns an error where the device is lost. */
HRESULT client_read(struct client *client, struct audio_api *api, struct stream *stream);

/* Closes the client; safe on a client that is not open. */
void client_close(struct client *client);

#endif
