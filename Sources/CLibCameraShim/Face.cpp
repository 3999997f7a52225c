// SPDX-License-Identifier: MIT

#include "include/CLibCameraShim.h"

#if __has_include(<libcamera/libcamera.h>)

#include "Session.hpp"

#include <cerrno>
#include <cstring>
#include <new>

/// No exception leaves the shim: what a body throws becomes a negative errno.
template <typename Body> static int32_t guarded(Body body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    } catch (...) {
        return -EIO;
    }
}

static const char *libraryVersion() noexcept { return libcamera::CameraManager::version().c_str(); }

static int32_t retain() noexcept {
    return guarded([] { return Manager::shared().retain(); });
}

static void release() noexcept {
    guarded([] { return Manager::shared().release(), 0; });
}

static void lastError(char *text, size_t size) noexcept {
    if (size == 0) return;
    text[0] = 0;
    guarded([&] {
        const std::string last = Manager::shared().log.take();
        const size_t count = std::min(last.size(), size - 1);
        std::memcpy(text, last.data(), count);
        text[count] = 0;
        return 0;
    });
}

static void observe(void (*changed)(const char *, bool)) noexcept {
    guarded([&] { return Manager::shared().observe(changed), 0; });
}

static void list(void *context, void (*visit)(void *, const clc_description *)) noexcept {
    guarded([&] { return Manager::shared().list(context, visit), 0; });
}

static bool usesDevice(const char *id, uint64_t device) noexcept {
    return guarded([&] { return Manager::shared().usesDevice(id, static_cast<dev_t>(device)) ? 1 : 0; }) > 0;
}

static clc_session *open(const char *id) noexcept {
    clc_session *session = nullptr;
    guarded([&] {
        if (const auto camera = Manager::shared().camera(id))
            session = new clc_session(camera, Manager::shared().hub(camera));
        return 0;
    });
    return session;
}

static int32_t acquire(clc_session *session) noexcept {
    return guarded([&] { return session->acquire(); });
}

static void close(clc_session *session) noexcept {
    guarded([&] {
        session->stop();
        if (session->isAcquired) session->camera->release();
        return 0;
    });
    delete session;
}

static int32_t propose(
    clc_session *session, clc_stream *streams, size_t count, bool across, bool down, bool *isFlipped) noexcept {
    return guarded([&] { return session->propose(streams, count, across, down, isFlipped); });
}

static int32_t apply(clc_session *session) noexcept {
    return guarded([&] { return session->apply(); });
}

static void formats(
    clc_session *session, size_t stream, void *context, void (*visit)(void *, const clc_format *)) noexcept {
    guarded([&] { return session->formats(stream, context, visit), 0; });
}

static int32_t prepare(clc_session *session) noexcept {
    return guarded([&] { return session->prepare(); });
}

static clc_memory *map(clc_session *session, size_t stream, size_t request) noexcept {
    clc_memory *memory = nullptr;
    guarded([&] {
        if (request >= session->requests.size() || stream >= session->configuration->size()) return errno = EINVAL, 0;
        const auto *source = session->configuration->at(static_cast<unsigned int>(stream)).stream();
        memory = clc_memory::map(*session->requests[request]->findBuffer(source)).release();
        return 0;
    });
    return memory;
}

static int32_t start(clc_session *session, int64_t frameDuration, clc_listener listener) noexcept {
    return guarded([&] { return session->start(frameDuration, listener); });
}

static int32_t queue(clc_session *session, uint32_t request) noexcept {
    return guarded([&] { return session->queue(request); });
}

static int32_t stop(clc_session *session) noexcept {
    return guarded([&] { return session->stop(); });
}

static void controls(clc_session *session, void *context, void (*visit)(void *, const clc_control *)) noexcept {
    guarded([&] { return session->controls(context, visit), 0; });
}

static int32_t setControl(clc_session *session, uint32_t id, const double *numbers, size_t count) noexcept {
    return guarded([&] { return session->setControl(id, numbers, count); });
}

static size_t planeCount(const clc_memory *memory) noexcept { return memory->planes.size(); }

static clc_plane plane(const clc_memory *memory, size_t index) noexcept { return memory->planes[index]; }

static void beginReading(const clc_memory *memory) noexcept { memory->sync(true); }

static void endReading(const clc_memory *memory) noexcept { memory->sync(false); }

static void freeMemory(clc_memory *memory) noexcept { delete memory; }

const clc_face *clc_face_of_libcamera(void) {
    static const clc_face face = {
        .version = CLC_FACE_VERSION,
        .library_version = libraryVersion,
        .retain = retain,
        .release = release,
        .last_error = lastError,
        .observe = observe,
        .list = list,
        .uses_device = usesDevice,
        .open = open,
        .acquire = acquire,
        .close = close,
        .propose = propose,
        .apply = apply,
        .formats = formats,
        .prepare = prepare,
        .map = map,
        .start = start,
        .queue = queue,
        .stop = stop,
        .controls = controls,
        .set_control = setControl,
        .plane_count = planeCount,
        .plane = plane,
        .begin_reading = beginReading,
        .end_reading = endReading,
        .free_memory = freeMemory,
    };
    return &face;
}

#else

const clc_face *clc_face_of_libcamera(void) { return nullptr; }

#endif
