// SPDX-License-Identifier: MIT
//
// What the C sources do on the processor that this is compiled for: `run` compiles it for 64-bit and 32-bit Arm, where
// the suite itself, which is in Swift, does not go. Random inputs come from a seed; the first wrong one ends it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../Sources/CJPEG/include/CJPEG.h"
#include "../../Sources/CLibCamera/CLibCamera.h"
#include "../../Sources/CLinux/include/CLinux.h"
#include "../../Sources/CMotion/include/CMotion.h"
#include "../../Sources/CV4L2/shim.h"

#define CHECK(condition, ...)                                     \
    do {                                                          \
        if (!(condition)) {                                       \
            fprintf(stderr, "line %d: %s: ", __LINE__, #condition); \
            fprintf(stderr, __VA_ARGS__);                         \
            fputc('\n', stderr);                                  \
            exit(1);                                              \
        }                                                         \
    } while (0)

static uint32_t random_state;

static uint32_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void fill(uint8_t *bytes, size_t count) {
    for (size_t index = 0; index < count; index++) bytes[index] = (uint8_t)next_random();
}

// The definition, sample by sample.
static uint32_t difference(int side, const uint8_t *block, int stride, const uint8_t *other, int other_stride) {
    uint32_t sum = 0;
    for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++)
            sum += (uint32_t)abs(block[row * stride + column] - other[row * other_stride + column]);
    return sum;
}

static void check_motion(void) {
    enum { rows = 13, columns = 17, largest = 64 };
    uint8_t *block = malloc(16 * largest), *window = malloc(64 * largest);
    uint16_t differences[rows * columns];
    for (int round = 0; round < 200; round++) {
        const int stride = 16 + (int)(next_random() % 40), other_stride = 32 + (int)(next_random() % 32);
        fill(block, 16 * largest);
        fill(window, 64 * largest);
        // The largest differences there are: sums must not overflow.
        if (round == 0) memset(block, 0, 16 * largest), memset(window, 255, 64 * largest);
        const uint32_t sum = cmotion_difference16(block, stride, window + 1, other_stride);
        CHECK(sum == difference(16, block, stride, window + 1, other_stride), "round %d: %u", round, sum);
        cmotion_differences8(block, stride, window, other_stride, columns, rows, differences);
        for (int place = 0; place < rows * columns; place++) {
            const uint8_t *there = window + place / columns * other_stride + place % columns;
            const uint32_t right = difference(8, block, stride, there, other_stride);
            CHECK(differences[place] == right, "round %d, place %d: %u, not %u", round, place, differences[place], right);
        }
    }
    uint8_t table[256], samples[1001], replaced[1001];
    fill(table, sizeof table);
    fill(samples, sizeof samples);
    cmotion_replace(samples, replaced, sizeof samples, table);
    for (size_t index = 0; index < sizeof samples; index++)
        CHECK(replaced[index] == table[samples[index]], "sample %zu", index);
    free(block);
    free(window);
}

enum { width = 96, height = 64 };

// A picture that JPEG keeps well: slopes.
static void paint(uint8_t *plane, int across, int down, int seed) {
    for (int row = 0; row < down; row++)
        for (int column = 0; column < across; column++)
            plane[row * across + column] = (uint8_t)(seed + 100 * row / down + 100 * column / across);
}

static size_t encode(cjpeg_encoder *encoder, const cjpeg_picture *picture, uint8_t *const planes[3], uint8_t *bytes, size_t room) {
    if (!cjpeg_begin(encoder, picture, bytes, room, NULL, 0)) return 0;
    const uint8_t *luma[16], *blue[8], *red[8];
    for (int unit = 0; unit < height / (8 * picture->down); unit++) {
        for (int row = 0; row < 8 * picture->down; row++) luma[row] = planes[0] + (unit * 8 * picture->down + row) * width;
        for (int row = 0; row < 8; row++) {
            blue[row] = planes[1] + (unit * 8 + row) * (width / picture->across);
            red[row] = planes[2] + (unit * 8 + row) * (width / picture->across);
        }
        if (!cjpeg_write(encoder, luma, blue, red)) return 0;
    }
    return cjpeg_finish(encoder);
}

static void check_jpeg(void) {
    cjpeg_encoder *encoder = cjpeg_open();
    cjpeg_decoder *decoder = cjpeg_decoder_open();
    CHECK(encoder && decoder, "no memory");
    static uint8_t luma[width * height], blue[width * height], red[width * height], bytes[65536];
    static uint8_t luma_back[width * height], blue_back[width * height], red_back[width * height];
    uint8_t *const planes[3] = {luma, blue, red};
    static const struct { int components, across, down; } layouts[] = {{1, 1, 1}, {3, 1, 1}, {3, 2, 1}, {3, 2, 2}};
    for (size_t layout = 0; layout < sizeof layouts / sizeof layouts[0]; layout++) {
        const int across = width / layouts[layout].across, down = height / layouts[layout].down;
        paint(luma, width, height, 20);
        paint(blue, across, down, 30);
        paint(red, across, down, 40);
        const cjpeg_picture picture = {
            .width = width, .height = height, .components = layouts[layout].components, .across = layouts[layout].across,
            .down = layouts[layout].down, .quality = 95, .restart_rows = 1, .aspect_width = 1, .aspect_height = 1};
        // Room for nothing first: a failure, after which the same encoder makes the picture.
        CHECK(encode(encoder, &picture, planes, bytes, 20) == 0, "a picture of 20 bytes");
        CHECK(cjpeg_message(encoder)[0] != 0, "a failure without a reason");
        const size_t count = encode(encoder, &picture, planes, bytes, sizeof bytes);
        CHECK(count > 500, "layout %zu: %s", layout, cjpeg_message(encoder));
        cjpeg_header header;
        CHECK(cjpeg_read_header(decoder, bytes, count, &header) == CJPEG_WHOLE, "%s", cjpeg_decoder_message(decoder));
        CHECK(header.width == width && header.height == height, "%d x %d", header.width, header.height);
        CHECK(header.components == layouts[layout].components, "%d components", header.components);
        CHECK(header.across == layouts[layout].across && header.down == layouts[layout].down, "layout %zu", layout);
        const cjpeg_plane back[3] = {
            {luma_back, width, width, height}, {blue_back, across, across, down}, {red_back, across, across, down}};
        CHECK(cjpeg_decode(decoder, back) == CJPEG_WHOLE, "layout %zu: %s", layout, cjpeg_decoder_message(decoder));
        for (int plane = 0; plane < header.components; plane++)
            for (int place = 0; place < back[plane].width * back[plane].height; place++)
                CHECK(abs(back[plane].base[place] - planes[plane][place]) <= 6, "layout %zu, plane %d, place %d", layout, plane, place);
        // Its end cut off, and garbage.
        CHECK(cjpeg_read_header(decoder, bytes, count / 2, &header) == CJPEG_WHOLE, "half a picture has a header");
        CHECK(cjpeg_decode(decoder, back) == CJPEG_INCOMPLETE, "half a picture");
        CHECK(cjpeg_read_header(decoder, luma, sizeof luma, &header) == CJPEG_MALFORMED, "no picture");
    }
    cjpeg_close(encoder);
    cjpeg_decoder_close(decoder);
}

static void check_linux(void) {
    char folder[] = "/tmp/shims-XXXXXX";
    CHECK(mkdtemp(folder) != NULL && chdir(folder) == 0, "%s", strerror(errno));
    char name[16];
    clinux_set_thread_name("a-name-of-over-15");
    clinux_get_thread_name(name);
    CHECK(strcmp(name, "a-name-of-over-") == 0, "%s", name);
    const int file = clinux_open("one", O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0, "%s", strerror(-file));
    struct stat status;
    CHECK(fstat(file, &status) == 0 && (status.st_mode & 0777) == 0600, "mode %o", status.st_mode);
    // Files over 2 GiB, on 32-bit machines too.
    CHECK(sizeof(off_t) == 8 && sizeof(time_t) == 8, "off_t has %zu bytes, time_t %zu", sizeof(off_t), sizeof(time_t));
    CHECK(ftruncate(file, (off_t)5 << 30) == 0 && lseek(file, 0, SEEK_END) == (off_t)5 << 30, "%s", strerror(errno));
    CHECK(clinux_lock(file) == 0, "the first lock");
    const int second = clinux_open("one", O_RDWR, 0);
    CHECK(clinux_lock(second) == EWOULDBLOCK, "the second lock");
    clinux_unlock(file);
    CHECK(clinux_lock(second) == 0, "the lock that was given back");
    close(clinux_open("two", O_RDWR | O_CREAT, 0600));
    CHECK(clinux_rename_new("one", "two") == EEXIST, "a name that is taken");
    CHECK(clinux_rename_new("one", "three") == 0 && access("three", F_OK) == 0, "a new name");
    struct tm fields = {0};
    const char *rest = clinux_read_time("2040-02-29 23:59:58-x", "%Y-%m-%d %H:%M:%S", &fields);
    CHECK(rest != NULL && strcmp(rest, "-x") == 0 && fields.tm_year == 140 && fields.tm_mday == 29, "a time");
    const int poll = clinux_epoll(), event = clinux_eventfd();
    CHECK(poll >= 0 && event >= 0 && clinux_epoll_arm(poll, event, 0) == 0, "epoll");
    const uint64_t one = 1;
    int ready[4];
    CHECK(write(event, &one, sizeof one) == sizeof one && clinux_epoll_wait(poll, ready, 4) == 1 && ready[0] == event, "epoll");
    unlink("two");
    unlink("three");
    CHECK(chdir("/") == 0 && rmdir(folder) == 0, "%s", strerror(errno));
}

// The kernel finds a request by a code that has the size of its structure: a wrong layout is a request that it does not know.
static void check_layouts(void) {
    static const struct { const char *name; unsigned long code; size_t size; } requests[] = {
#define REQUEST(name, type) {#name, CV4L2_##name, sizeof(type)}
        REQUEST(QUERYCAP, struct v4l2_capability), REQUEST(ENUM_FMT, struct v4l2_fmtdesc),
        REQUEST(S_FMT, struct v4l2_format), REQUEST(S_PARM, struct v4l2_streamparm),
        REQUEST(QUERY_EXT_CTRL, struct v4l2_query_ext_ctrl), REQUEST(QUERYMENU, struct v4l2_querymenu),
        REQUEST(S_EXT_CTRLS, struct v4l2_ext_controls), REQUEST(REQBUFS, struct v4l2_requestbuffers),
        REQUEST(DQBUF, struct v4l2_buffer), REQUEST(EXPBUF, struct v4l2_exportbuffer),
        REQUEST(DQEVENT, struct v4l2_event), REQUEST(S_SELECTION, struct v4l2_selection),
        REQUEST(ENCODER_CMD, struct v4l2_encoder_cmd), REQUEST(QUERY_DV_TIMINGS, struct v4l2_dv_timings)};
    for (size_t index = 0; index < sizeof requests / sizeof requests[0]; index++)
        CHECK(_IOC_SIZE(requests[index].code) == requests[index].size, "%s: %zu bytes, not %lu", requests[index].name,
            requests[index].size, (unsigned long)_IOC_SIZE(requests[index].code));
    CHECK(sizeof(((struct v4l2_buffer *)0)->timestamp.tv_sec) == 8, "times of pictures end in 2038");
    // What passes between the library and the one that speaks with libcamera.
    CHECK(sizeof(clc_size) == 8 && sizeof(clc_stream) == 56, "clc_stream has %zu bytes", sizeof(clc_stream));
    CHECK(offsetof(clc_filled, timestamp) == 8 && sizeof(clc_filled) == 32, "clc_filled has %zu bytes", sizeof(clc_filled));
    CHECK(offsetof(clc_metadata, exposure_time) == 8 && offsetof(clc_metadata, analogue_gain) == 24, "clc_metadata");
}

int main(int count, char **arguments) {
    random_state = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) | 1 : 1;
    check_motion();
    check_jpeg();
    check_linux();
    check_layouts();
    printf("motion, JPEG, Linux and layouts are right with pointers of %zu bits\n", 8 * sizeof(void *));
    return 0;
}
