// SPDX-License-Identifier: MIT
// Declarations only: nothing here links a library. The functions that the package calls are looked up by name in
// libraries that were loaded at run time.

#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>

/// The functions that the package calls, each with the library that it lives in.
#define CAV_FUNCTIONS(ENTRY)                   \
    ENTRY(util, av_log_set_level)              \
    ENTRY(util, av_strerror)                   \
    ENTRY(util, av_dict_set)                   \
    ENTRY(util, av_dict_free)                  \
    ENTRY(util, av_rescale_q)                  \
    ENTRY(util, av_get_pix_fmt_name)           \
    ENTRY(util, av_frame_alloc)                \
    ENTRY(util, av_frame_free)                 \
    ENTRY(util, av_malloc)                     \
    ENTRY(util, av_free)                       \
    ENTRY(util, av_mallocz)                    \
    ENTRY(codec, av_packet_alloc)              \
    ENTRY(codec, av_packet_free)               \
    ENTRY(codec, av_packet_unref)              \
    ENTRY(codec, avcodec_find_decoder)         \
    ENTRY(codec, avcodec_get_name)             \
    ENTRY(codec, avcodec_alloc_context3)       \
    ENTRY(codec, avcodec_free_context)         \
    ENTRY(codec, avcodec_parameters_to_context) \
    ENTRY(codec, avcodec_open2)                \
    ENTRY(codec, avcodec_send_packet)          \
    ENTRY(codec, avcodec_receive_frame)        \
    ENTRY(format, avformat_open_input)         \
    ENTRY(format, avformat_close_input)        \
    ENTRY(format, avformat_find_stream_info)   \
    ENTRY(format, av_find_best_stream)         \
    ENTRY(format, av_guess_frame_rate)         \
    ENTRY(format, av_read_frame)               \
    ENTRY(format, avformat_alloc_output_context2) \
    ENTRY(format, avformat_free_context)       \
    ENTRY(format, avformat_network_init)       \
    ENTRY(format, avformat_new_stream)         \
    ENTRY(format, avformat_write_header)       \
    ENTRY(format, av_write_frame)              \
    ENTRY(format, av_write_trailer)            \
    ENTRY(format, avio_alloc_context)          \
    ENTRY(format, avio_context_free)           \
    ENTRY(format, avio_flush)                  \
    ENTRY(format, avio_open2)                  \
    ENTRY(format, avio_closep)

/// The addresses of CAV_FUNCTIONS, with the types that the headers give them.
typedef struct cav_functions {
#define CAV_MEMBER(library, name) __typeof__(&name) _Nonnull name;
    CAV_FUNCTIONS(CAV_MEMBER)
#undef CAV_MEMBER
} cav_functions;

/// Fills the table from handles of dlopen(3); the name of the first function that is missing, or NULL.
static inline const char *_Nullable cav_resolve(
    void *_Nonnull util, void *_Nonnull codec, void *_Nonnull format, cav_functions *_Nonnull functions) {
#define CAV_RESOLVE(library, name)                                    \
    {                                                                 \
        void *address = dlsym(library, #name);                        \
        if (address == NULL) return #name;                            \
        functions->name = (__typeof__(&name))address;                 \
    }
    CAV_FUNCTIONS(CAV_RESOLVE)
#undef CAV_RESOLVE
    return NULL;
}

/// Takes bytes that a muxer writes; their number, or an error of libavformat's.
typedef int (*cav_write)(void *_Nullable owner, const uint8_t *_Nullable bytes, int count);
/// Moves to a place, or tells the size (AVSEEK_SIZE); the place, or an error.
typedef int64_t (*cav_seek)(void *_Nullable owner, int64_t offset, int whence);

/// What a muxer writes to; without `seek` only in order. NULL when there is no memory.
static inline AVIOContext *_Nullable cav_new_writer(
    const cav_functions *_Nonnull functions, int capacity, void *_Nullable owner, cav_write _Nonnull write,
    cav_seek _Nullable seek) {
    unsigned char *buffer = functions->av_malloc((size_t)capacity);
    if (buffer == NULL) return NULL;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    AVIOContext *context = functions->avio_alloc_context(buffer, capacity, 1, owner, NULL, write, seek);
#else
    // The bytes were not said to be constant, though nobody changed them.
    AVIOContext *context = functions->avio_alloc_context(
        buffer, capacity, 1, owner, NULL, (int (*)(void *, uint8_t *, int))write, seek);
#endif
    if (context == NULL) functions->av_free(buffer);
    return context;
}

/// Frees what cav_new_writer made.
static inline void cav_free_writer(const cav_functions *_Nonnull functions, AVIOContext *_Nullable context) {
    if (context == NULL) return;
    functions->av_free(context->buffer);
    functions->avio_context_free(&context);
}

// Macros that Swift does not import.
static const int cav_error_io = AVERROR(EIO);
static const int cav_error_invalid = AVERROR(EINVAL);
static const int cav_key_packet = AV_PKT_FLAG_KEY;
static const int cav_seek_size = AVSEEK_SIZE;
static const int cav_seek_force = AVSEEK_FORCE;
static const int cav_input_padding = AV_INPUT_BUFFER_PADDING_SIZE;
static const int cav_error_again = AVERROR(EAGAIN);
static const int cav_error_end = AVERROR_EOF;
static const int64_t cav_no_time = AV_NOPTS_VALUE;

/// How a movie wants its pictures turned, as nine numbers (see libavutil/display.h); NULL where it does not say.
static inline const int32_t *_Nullable cav_stream_matrix(const AVStream *_Nonnull stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    const AVPacketSideData *list = stream->codecpar->coded_side_data;
    const int count = stream->codecpar->nb_coded_side_data;
#else
    const AVPacketSideData *list = stream->side_data;
    const int count = stream->nb_side_data;
#endif
    for (int i = 0; i < count; i++) {
        if (list[i].type == AV_PKT_DATA_DISPLAYMATRIX && list[i].size >= 9 * sizeof(int32_t)) {
            return (const int32_t *)(const void *)list[i].data;
        }
    }
    return NULL;
}

/// The same of a picture, as EXIF data and messages within a stream have it.
static inline const int32_t *_Nullable cav_frame_matrix(const AVFrame *_Nonnull frame) {
    for (int i = 0; i < frame->nb_side_data; i++) {
        const AVFrameSideData *data = frame->side_data[i];
        if (data->type == AV_FRAME_DATA_DISPLAYMATRIX && data->size >= 9 * sizeof(int32_t)) {
            return (const int32_t *)(const void *)data->data;
        }
    }
    return NULL;
}

/// Whether a picture has two fields: 0 for none, 1 with the top one first, 2 with the bottom one first.
static inline int cav_field_order(const AVFrame *_Nonnull frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    if (!(frame->flags & AV_FRAME_FLAG_INTERLACED)) return 0;
    return frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST ? 1 : 2;
#else
    if (!frame->interlaced_frame) return 0;
    return frame->top_field_first ? 1 : 2;
#endif
}

/// How long a picture is shown, in units of the packets' time base; 0 when unknown.
static inline int64_t cav_frame_duration(const AVFrame *_Nonnull frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}
