// SPDX-License-Identifier: MIT
// libcamera in C: what the shim (CLibCameraShim), which is loaded when a camera is first asked for, offers.
//
// No function throws. Those that can fail return a negative errno; `last_error` then has libcamera's own words. A
// session is used by one thread at a time, but `queue`, `set_control` and the functions of clc_memory may be called
// from any thread.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Changes with this file: a shim of another build is refused.
#define CLC_FACE_VERSION 2
/// The most streams of a session.
#define CLC_MAX_STREAMS 4
/// The most planes of a buffer.
#define CLC_MAX_PLANES 4
/// The most numbers of a control's value.
#define CLC_MAX_NUMBERS 64

/// A camera that was found.
typedef struct clc_session clc_session;
/// The memory of a buffer; stays valid until it is freed, whatever becomes of the session.
typedef struct clc_memory clc_memory;

/// What a stream is for; libcamera's `StreamRole`.
typedef int32_t clc_role;
#define CLC_ROLE_RAW 0
#define CLC_ROLE_STILL 1
#define CLC_ROLE_VIDEO 2
#define CLC_ROLE_VIEWFINDER 3

/// What a camera is, as far as it tells; strings live until the next call.
typedef struct clc_description {
    const char *_Nonnull id;
    const char *_Nullable model;
    /// 0 at the front, 1 at the back, 2 external, -1 not told.
    int32_t location;
    /// How it is mounted, in degrees; 0 where it does not tell.
    int32_t rotation;
} clc_description;

/// A size in pixels.
typedef struct clc_size {
    uint32_t width, height;
} clc_size;

/// A format that a stream can have: a list of sizes, or a range of them with a step where `step` is not zero.
typedef struct clc_format {
    /// DRM's code.
    uint32_t code;
    uint64_t modifier;
    clc_size smallest, largest, step;
    const clc_size *_Nullable sizes;
    size_t size_count;
} clc_format;

/// A stream: in a wish zeros leave the choice to libcamera.
typedef struct clc_stream {
    clc_role role;
    /// DRM's code of the format.
    uint32_t code;
    uint64_t modifier;
    clc_size size;
    uint32_t buffer_count;
    /// Bytes from one row to the next of the first plane, and of the whole frame.
    uint32_t stride, frame_size;
    /// Values of libcamera's `ColorSpace`; -1 where it does not tell.
    int32_t primaries, transfer, encoding, range;
} clc_stream;

/// One plane of a buffer in memory.
typedef struct clc_plane {
    const void *_Nonnull address;
    size_t length;
    /// The dma-buf, open as long as the memory, the plane's place in it, and its size.
    int32_t descriptor;
    size_t offset, total;
} clc_plane;

/// What is known of a request's picture; `known` has a bit for each value that is.
typedef struct clc_metadata {
    uint32_t known;
    /// Microseconds.
    int64_t exposure_time, frame_duration;
    float analogue_gain, digital_gain, red_gain, blue_gain;
    /// Kelvin.
    int32_t color_temperature;
    float lux;
    /// Degrees Celsius.
    float sensor_temperature;
    /// Dioptres.
    float lens_position;
    int32_t focus_measure;
} clc_metadata;

#define CLC_KNOWS_EXPOSURE_TIME 1u
#define CLC_KNOWS_FRAME_DURATION 2u
#define CLC_KNOWS_ANALOGUE_GAIN 4u
#define CLC_KNOWS_DIGITAL_GAIN 8u
#define CLC_KNOWS_COLOR_GAINS 16u
#define CLC_KNOWS_COLOR_TEMPERATURE 32u
#define CLC_KNOWS_LUX 64u
#define CLC_KNOWS_SENSOR_TEMPERATURE 128u
#define CLC_KNOWS_LENS_POSITION 256u
#define CLC_KNOWS_FOCUS_MEASURE 512u

/// What became of a stream's buffer.
typedef struct clc_filled {
    /// 0 good, 1 damaged, 2 not filled, 3 good but from before the camera has settled.
    int32_t status;
    uint32_t sequence;
    /// Nanoseconds of the driver's clock.
    uint64_t timestamp;
    /// Bytes in each plane.
    uint32_t used[CLC_MAX_PLANES];
} clc_filled;

/// A request that came back.
typedef struct clc_completion {
    /// The request's place among those of the session.
    uint32_t index;
    /// libcamera's count of requests.
    uint32_t sequence;
    /// It was given back without a picture, since the camera stops.
    bool is_cancelled;
    /// Nanoseconds; 0 where it is not told.
    int64_t sensor_timestamp;
    clc_metadata metadata;
    uint32_t stream_count;
    clc_filled streams[CLC_MAX_STREAMS];
} clc_completion;

/// Types of a control's numbers.
typedef int32_t clc_type;
#define CLC_TYPE_OTHER 0
#define CLC_TYPE_BOOLEAN 1
#define CLC_TYPE_INTEGER 2
#define CLC_TYPE_NUMBER 3
/// x, y, width and height each.
#define CLC_TYPE_RECTANGLE 4
/// Width and height each.
#define CLC_TYPE_SIZE 5
/// x and y each.
#define CLC_TYPE_POINT 6

/// A value: no numbers where there is none.
typedef struct clc_value {
    uint32_t count;
    double numbers[CLC_MAX_NUMBERS];
} clc_value;

/// One choice of a control.
typedef struct clc_choice {
    int32_t number;
    const char *_Nonnull name;
} clc_choice;

/// A control that can be set.
typedef struct clc_control {
    uint32_t id;
    const char *_Nonnull name;
    clc_type type;
    /// 1 for a single value, otherwise how many an array has; 0 where that varies.
    uint32_t length;
    clc_value minimum, maximum, initial;
    /// The only numbers that it takes; none where it takes all of a range.
    const clc_choice *_Nullable choices;
    size_t choice_count;
} clc_control;

/// What a session tells of, from a thread of libcamera's; must not call the shim.
typedef struct clc_listener {
    void *_Nullable context;
    void (*_Nonnull completed)(void *_Nullable context, const clc_completion *_Nonnull completion);
    void (*_Nonnull lost)(void *_Nullable context);
} clc_listener;

/// The functions of the shim.
typedef struct clc_face {
    uint32_t version;
    /// libcamera's version: "v0.0.3".
    const char *_Nonnull (*_Nonnull library_version)(void);

    /// Starts libcamera's manager when nobody has yet; each success needs a `release`. There is one in a process.
    int32_t (*_Nonnull retain)(void);
    void (*_Nonnull release)(void);
    /// The last error that libcamera logged since the last call, cut to `size` with its zero; empty when there is none.
    void (*_Nonnull last_error)(char *_Nonnull text, size_t size);
    /// Has a function called when cameras come and go, from a thread of libcamera's; NULL for none.
    void (*_Nonnull observe)(void (*_Nullable changed)(const char *_Nonnull id, bool is_added));

    /// Visits the cameras there are, in libcamera's order.
    void (*_Nonnull list)(
        void *_Nullable context,
        void (*_Nonnull visit)(void *_Nullable context, const clc_description *_Nonnull description));
    /// Whether a camera works with the device of this number (`st_rdev`).
    bool (*_Nonnull uses_device)(const char *_Nonnull id, uint64_t device);

    /// Finds a camera, which is not held yet; NULL when there is none.
    clc_session *_Nullable (*_Nonnull open)(const char *_Nonnull id);
    /// Holds the camera, alone of all programs: -EBUSY when another one does.
    int32_t (*_Nonnull acquire)(clc_session *_Nonnull session);
    /// Stops, lets go of the camera and frees the session.
    void (*_Nonnull close)(clc_session *_Nonnull session);

    /// Asks what libcamera makes of a wish; the number of streams it has, which may be fewer. Nothing is changed.
    int32_t (*_Nonnull propose)(
        clc_session *_Nonnull session, clc_stream *_Nonnull streams, size_t count, bool flips_across, bool flips_down,
        bool *_Nonnull is_flipped);
    /// Configures the camera as proposed last.
    int32_t (*_Nonnull apply)(clc_session *_Nonnull session);
    /// Visits the formats of a stream proposed last.
    void (*_Nonnull formats)(
        clc_session *_Nonnull session, size_t stream, void *_Nullable context,
        void (*_Nonnull visit)(void *_Nullable context, const clc_format *_Nonnull format));

    /// Makes buffers and requests; the number of requests.
    int32_t (*_Nonnull prepare)(clc_session *_Nonnull session);
    /// Maps the buffer that a request has for a stream; NULL when that fails.
    clc_memory *_Nullable (*_Nonnull map)(clc_session *_Nonnull session, size_t stream, size_t request);
    /// Starts; `frame_duration` in microseconds, 0 to leave it. Requests are to be queued then.
    int32_t (*_Nonnull start)(clc_session *_Nonnull session, int64_t frame_duration, clc_listener listener);
    /// Hands a request over, with the controls that were set since the last one.
    int32_t (*_Nonnull queue)(clc_session *_Nonnull session, uint32_t request);
    /// Stops, gives all requests back, and frees requests and buffers. The listener is not called any more.
    int32_t (*_Nonnull stop)(clc_session *_Nonnull session);

    /// Visits the controls that can be set.
    void (*_Nonnull controls)(
        clc_session *_Nonnull session, void *_Nullable context,
        void (*_Nonnull visit)(void *_Nullable context, const clc_control *_Nonnull control));
    /// Sets a control with the next request, and with the first after each start; without numbers, forgets what was set.
    int32_t (*_Nonnull set_control)(
        clc_session *_Nonnull session, uint32_t id, const double *_Nonnull numbers, size_t count);

    /// Planes of a buffer.
    size_t (*_Nonnull plane_count)(const clc_memory *_Nonnull memory);
    clc_plane (*_Nonnull plane)(const clc_memory *_Nonnull memory, size_t index);
    /// Makes what the device wrote visible to the processor; `end_reading` when that is over.
    void (*_Nonnull begin_reading)(const clc_memory *_Nonnull memory);
    void (*_Nonnull end_reading)(const clc_memory *_Nonnull memory);
    void (*_Nonnull free_memory)(clc_memory *_Nonnull memory);
} clc_face;

/// The name of the shim's one exported function: `const clc_face *clc_face_of_libcamera(void)`, NULL where it was built
/// without libcamera.
#define CLC_FACE_SYMBOL "clc_face_of_libcamera"

#ifdef __cplusplus
}
#endif
