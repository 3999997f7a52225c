// SPDX-License-Identifier: MIT

#if __has_include(<libcamera/libcamera.h>)

#include "Session.hpp"

#include "Drift.hpp"

#include <algorithm>
#include <cerrno>

using namespace libcamera;

/// The wish of -1 is "not told".
static void describe(const StreamConfiguration &source, clc_stream &stream) {
    stream.code = source.pixelFormat.fourcc();
    stream.modifier = source.pixelFormat.modifier();
    stream.size = {source.size.width, source.size.height};
    stream.buffer_count = source.bufferCount;
    stream.stride = source.stride;
    stream.frame_size = source.frameSize;
    stream.primaries = stream.transfer = stream.encoding = stream.range = -1;
    if (!source.colorSpace) return;
    stream.primaries = static_cast<int32_t>(source.colorSpace->primaries);
    stream.transfer = static_cast<int32_t>(source.colorSpace->transferFunction);
    stream.encoding = static_cast<int32_t>(source.colorSpace->ycbcrEncoding);
    stream.range = static_cast<int32_t>(source.colorSpace->range);
}

static StreamRole role(clc_role role) {
    switch (role) {
    case CLC_ROLE_RAW: return StreamRole::Raw;
    case CLC_ROLE_STILL: return StreamRole::StillCapture;
    case CLC_ROLE_VIEWFINDER: return StreamRole::Viewfinder;
    default: return StreamRole::VideoRecording;
    }
}

int clc_session::acquire() {
    if (isAcquired) return 0;
    const int result = camera->acquire();
    isAcquired = result == 0;
    return result;
}

int clc_session::propose(clc_stream *streams, size_t count, bool flipsAcross, bool flipsDown, bool *isFlipped) {
    std::vector<StreamRole> roles;
    for (size_t index = 0; index < count; index++) roles.push_back(role(streams[index].role));
    auto wish = camera->generateConfiguration(roles);
    // Of too many streams a camera makes no configuration at all, or fewer streams.
    if (!wish) return 0;
    for (size_t index = 0; index < std::min(count, wish->size()); index++) {
        StreamConfiguration &stream = wish->at(index);
        if (streams[index].code != 0) stream.pixelFormat = PixelFormat(streams[index].code, streams[index].modifier);
        if (streams[index].size.width != 0) stream.size = {streams[index].size.width, streams[index].size.height};
        if (streams[index].buffer_count != 0) stream.bufferCount = streams[index].buffer_count;
    }
    drift::flip(*wish, flipsAcross, flipsDown);
    if (wish->validate() == CameraConfiguration::Invalid) return -EINVAL;
    *isFlipped = drift::isFlipped(*wish, flipsAcross, flipsDown);
    for (size_t index = 0; index < std::min(count, wish->size()); index++) describe(wish->at(index), streams[index]);
    proposal = std::move(wish);
    return static_cast<int>(proposal->size());
}

int clc_session::apply() {
    if (!proposal) return -EINVAL;
    if (const int error = camera->configure(proposal.get()); error < 0) return error;
    configuration = std::move(proposal);
    return 0;
}

void clc_session::formats(size_t stream, void *context, void (*visit)(void *, const clc_format *)) const {
    if (!proposal || stream >= proposal->size()) return;
    const StreamFormats &formats = proposal->at(stream).formats();
    for (const PixelFormat &pixelFormat : formats.pixelformats()) {
        const SizeRange range = formats.range(pixelFormat);
        clc_format format{};
        format.code = pixelFormat.fourcc();
        format.modifier = pixelFormat.modifier();
        format.smallest = {range.min.width, range.min.height};
        format.largest = {range.max.width, range.max.height};
        format.step = {range.hStep, range.vStep};
        std::vector<clc_size> sizes;
        for (const Size &size : formats.sizes(pixelFormat)) sizes.push_back({size.width, size.height});
        format.sizes = sizes.data();
        format.size_count = sizes.size();
        visit(context, &format);
    }
}

int clc_session::prepare() {
    if (!configuration) return -EINVAL;
    auto buffers = std::make_unique<FrameBufferAllocator>(camera);
    size_t count = SIZE_MAX;
    for (StreamConfiguration &stream : *configuration) {
        const int allocated = buffers->allocate(stream.stream());
        if (allocated < 0) return allocated;
        count = std::min(count, buffers->buffers(stream.stream()).size());
    }
    std::vector<std::unique_ptr<Request>> made;
    for (size_t number = 0; number < count; number++) {
        auto request = camera->createRequest(number);
        if (!request) return -ENOMEM;
        for (size_t index = 0; index < configuration->size(); index++) {
            Stream *stream = configuration->at(static_cast<unsigned int>(index)).stream();
            FrameBuffer *buffer = buffers->buffers(stream)[number].get();
            // The place of its stream, for whoever handles the completed request.
            buffer->setCookie(index);
            if (const int error = request->addBuffer(stream, buffer); error < 0) return error;
        }
        made.push_back(std::move(request));
    }
    allocator = std::move(buffers);
    requests = std::move(made);
    return static_cast<int>(count);
}

int clc_session::start(int64_t frameDuration, const clc_listener &listener) {
    ControlList list(libcamera::controls::controls);
    if (frameDuration > 0) {
        const int64_t limits[2] = {frameDuration, frameDuration};
        list.set(libcamera::controls::FrameDurationLimits, Span<const int64_t, 2>(limits));
    }
    {
        const std::lock_guard lock(settingsMutex);
        // Not every camera heeds the list of `start`, so the first request has it too.
        news = settings;
        for (const auto &[id, value] : settings) list.set(id, value);
    }
    hub.listen(listener);
    if (const int error = camera->start(&list); error < 0) {
        hub.stopListening();
        return error;
    }
    isRunning = true;
    return 0;
}

int clc_session::queue(uint32_t index) {
    if (index >= requests.size()) return -EINVAL;
    Request &request = *requests[index];
    if (request.status() != Request::RequestPending) request.reuse(Request::ReuseBuffers);
    {
        const std::lock_guard lock(settingsMutex);
        for (const auto &[id, value] : news) request.controls().set(id, value);
        news.clear();
    }
    return camera->queueRequest(&request);
}

int clc_session::stop() {
    int result = 0;
    // Another session of the camera may be the one that runs and listens.
    if (isRunning) {
        // libcamera's thread has given all requests back when its stop returns.
        result = camera->stop();
        isRunning = false;
        hub.stopListening();
    }
    requests.clear();
    allocator.reset();
    return result;
}

#endif
