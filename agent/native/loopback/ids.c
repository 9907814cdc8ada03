/* The COM ids we use, defined in one place: mingw's libraries lack some of them. */
#define INITGUID
#include "audio_api.h"
#include <audiopolicy.h>
#include <mmdeviceapi.h>
