/* SPDX-License-Identifier: MIT
 *
 * The encoder module of the RDK boards' "SP" interface, on any Linux machine.
 *
 *   void *encoder = sp_init_encoder_module();
 *   if (sp_start_encode(encoder, 0, SP_ENCODER_H264, 1920, 1080, 8192) == 0) {
 *       sp_encoder_set_frame(encoder, nv12, 1920 * 1080 * 3 / 2);
 *       int32_t size = sp_encoder_get_stream(encoder, stream);
 *       ...
 *   }
 *   sp_release_encoder_module(encoder);
 *
 * Compile with: cc program.c $(pkg-config --cflags --libs spcodec), or with -lspcdev, the library's name on the boards.
 *
 * An object is one channel. All functions may be called from any thread. A handle that is NULL, or that was released, is
 * noticed and gives -1.
 */
#ifndef SP_CODEC_H
#define SP_CODEC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a frame of NV12. */
#define FRAME_BUFFER_SIZE(width, height) ((width) * (height) * 3 / 2)

/* What a channel makes. */
#define SP_ENCODER_H264 1
#define SP_ENCODER_H265 2
#define SP_ENCODER_MJPEG 3

/* Makes an encoder object; NULL on failure. */
void *sp_init_encoder_module(void);

/* Stops the object's channel, if it runs, and frees the object. */
void sp_release_encoder_module(void *obj);

/* Makes the object's channel.
 *
 * chn            its number, 0 to 31, which no other object of the process may be using
 * type           SP_ENCODER_H264, SP_ENCODER_H265 or SP_ENCODER_MJPEG
 * width, height  the pictures' size: even numbers from 64 to 4096
 * bits           kilobits per second, such as 8192. (The boards' document says "Mbps", which cannot be meant: 512 is among
 *                its values.) A rate beyond half of what fits into 30 streams a second is taken as that. For
 *                MJPEG it steers the quality.
 *
 * Returns 0, or -1: a bad argument, a number in use, a second start, an encoder that this build does not have. */
int32_t sp_start_encode(void *obj, int32_t chn, int32_t type, int32_t width, int32_t height, int32_t bits);

/* Ends the object's channel; what was not fetched is gone. Returns 0, or -1 when there is none. */
int32_t sp_stop_encode(void *obj);

/* Encodes a frame.
 *
 * frame_buffer   NV12: width * height bytes of luma, then the interleaved chroma
 * size           exactly width * height * 3 / 2
 *
 * Returns 0, or -1: no channel, another size. As on the boards, seven frames may wait to be fetched; with so many it waits
 * for room, three seconds at most, and gives -1 then. */
int32_t sp_encoder_set_frame(void *obj, char *frame_buffer, int32_t size);

/* Fetches the stream of the oldest frame that was set.
 *
 * stream_buffer  gets the stream: at most width * height bytes, rounded down to a multiple of 4096, which is what programs
 *                of the boards allocate; a picture that has more is encoded again, coarser
 *
 * Returns the stream's size, or -1 without a channel. As on the boards, it waits for a frame to be set, two seconds at most,
 * and gives -1 then; so it does for a frame that could not be encoded in so many bytes, after which comes a key frame. */
int32_t sp_encoder_get_stream(void *obj, char *stream_buffer);

#ifdef __cplusplus
}
#endif

#endif
