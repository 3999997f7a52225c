// SPDX-License-Identifier: MIT
// Declarations only: nothing here links a library.
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
