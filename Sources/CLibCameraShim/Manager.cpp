// SPDX-License-Identifier: MIT

#if __has_include(<libcamera/libcamera.h>)

#include "Manager.hpp"

#include "Drift.hpp"

#include <libcamera/logging.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

using namespace libcamera;

// MARK: The log

void LogTail::install() {
    if (isInstalled_ || getenv("LIBCAMERA_LOG_LEVELS") || getenv("LIBCAMERA_LOG_FILE")) return;
    isInstalled_ = logSetStream(&stream_) == 0;
}

std::string LogTail::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(last_, std::string());
}

/// A message comes whole: "[time] [thread] ERROR Category file.cpp:123 What went wrong\n".
std::streamsize LogTail::xsputn(const char *text, std::streamsize count) {
    const std::string line(text, static_cast<size_t>(count));
    const size_t error = line.find("ERROR ");
    if (error == std::string::npos) return count;
    const size_t source = line.find(".cpp:", error);
    const size_t start = source == std::string::npos ? error : line.find(' ', source);
    const size_t end = line.find_last_not_of(" \n");
    if (start >= end || end == std::string::npos) return count;
    const std::lock_guard lock(mutex_);
    last_ = line.substr(start + 1, end - start);
    return count;
}

int LogTail::overflow(int character) { return character; }

// MARK: Signals of a camera

Hub::Hub(Camera &camera) {
    camera.requestCompleted.connect(this, &Hub::completed);
    camera.disconnected.connect(this, &Hub::disconnected);
}

void Hub::listen(const clc_listener &listener) {
    const std::lock_guard lock(mutex_);
    listener_ = listener;
    isListening_ = true;
}

void Hub::stopListening() {
    const std::lock_guard lock(mutex_);
    isListening_ = false;
}

void Hub::disconnected() {
    const std::lock_guard lock(mutex_);
    if (isListening_) listener_.lost(listener_.context);
}

/// What the library tells of a request's picture, without allocating anything.
static clc_metadata metadata(const ControlList &list) {
    clc_metadata result{};
    const auto note = [&](auto value, auto &field, uint32_t bit) {
        if (!value) return;
        field = *value;
        result.known |= bit;
    };
    note(list.get(controls::ExposureTime), result.exposure_time, CLC_KNOWS_EXPOSURE_TIME);
    note(list.get(controls::FrameDuration), result.frame_duration, CLC_KNOWS_FRAME_DURATION);
    note(list.get(controls::AnalogueGain), result.analogue_gain, CLC_KNOWS_ANALOGUE_GAIN);
    note(list.get(controls::DigitalGain), result.digital_gain, CLC_KNOWS_DIGITAL_GAIN);
    note(list.get(controls::ColourTemperature), result.color_temperature, CLC_KNOWS_COLOR_TEMPERATURE);
    note(list.get(controls::Lux), result.lux, CLC_KNOWS_LUX);
    note(list.get(controls::SensorTemperature), result.sensor_temperature, CLC_KNOWS_SENSOR_TEMPERATURE);
    note(list.get(controls::LensPosition), result.lens_position, CLC_KNOWS_LENS_POSITION);
    note(list.get(controls::FocusFoM), result.focus_measure, CLC_KNOWS_FOCUS_MEASURE);
    if (const auto gains = list.get(controls::ColourGains); gains && gains->size() == 2) {
        result.red_gain = (*gains)[0];
        result.blue_gain = (*gains)[1];
        result.known |= CLC_KNOWS_COLOR_GAINS;
    }
    return result;
}

static clc_filled filled(const FrameBuffer &buffer) {
    const FrameMetadata &source = buffer.metadata();
    clc_filled result{};
    if (drift::isFromStartup(source.status)) {
        result.status = 3;
    } else {
        result.status = source.status == FrameMetadata::FrameSuccess ? 0
            : source.status == FrameMetadata::FrameError             ? 1
                                                                     : 2;
    }
    result.sequence = source.sequence;
    result.timestamp = source.timestamp;
    const auto planes = source.planes();
    for (size_t index = 0; index < std::min<size_t>(planes.size(), CLC_MAX_PLANES); index++)
        result.used[index] = planes[index].bytesused;
    return result;
}

void Hub::completed(Request *request) {
    const std::lock_guard lock(mutex_);
    if (!isListening_) return;
    clc_completion completion{};
    completion.index = static_cast<uint32_t>(request->cookie());
    completion.sequence = request->sequence();
    completion.is_cancelled = request->status() != Request::RequestComplete;
    const auto &list = request->metadata();
    completion.sensor_timestamp = list.get(controls::SensorTimestamp).value_or(0);
    completion.metadata = metadata(list);
    // The streams come in the order of their configuration, which the buffers' cookies carry.
    for (const auto &[stream, buffer] : request->buffers()) {
        const uint64_t index = buffer->cookie();
        if (index >= CLC_MAX_STREAMS) continue;
        completion.streams[index] = filled(*buffer);
        completion.stream_count = std::max(completion.stream_count, static_cast<uint32_t>(index) + 1);
    }
    listener_.completed(listener_.context, &completion);
}

// MARK: The manager

Manager &Manager::shared() {
    // Never destroyed: threads of the program may outlive the end of `main`.
    static Manager &manager = *new Manager;
    return manager;
}

int Manager::retain() {
    const std::lock_guard lock(mutex_);
    if (users_ == 0) {
        log.install();
        manager_ = std::make_unique<CameraManager>();
        manager_->cameraAdded.connect(this, &Manager::added);
        manager_->cameraRemoved.connect(this, &Manager::removed);
        if (const int error = manager_->start(); error < 0) {
            manager_.reset();
            return error;
        }
        const std::lock_guard observerLock(observerMutex_);
        isStarted_ = true;
    }
    users_++;
    return 0;
}

void Manager::release() {
    const std::lock_guard lock(mutex_);
    if (--users_ > 0) return;
    {
        const std::lock_guard observerLock(observerMutex_);
        isStarted_ = false;
    }
    // The cameras go first, and with them the signals, which the hubs must outlive.
    std::vector<std::unique_ptr<Hub>> hubs;
    for (auto &entry : hubs_) hubs.push_back(std::move(entry.second));
    hubs_.clear();
    manager_->stop();
    manager_.reset();
}

std::shared_ptr<Camera> Manager::camera(const std::string &id) {
    const std::lock_guard lock(mutex_);
    return manager_ ? manager_->get(id) : nullptr;
}

Hub &Manager::hub(const std::shared_ptr<Camera> &camera) {
    const std::lock_guard lock(mutex_);
    auto &hub = hubs_[camera];
    if (!hub) hub = std::make_unique<Hub>(*camera);
    return *hub;
}

bool Manager::usesDevice(const std::string &id, dev_t device) {
    const std::lock_guard lock(mutex_);
    const auto camera = manager_ ? manager_->get(id) : nullptr;
    return camera && drift::usesDevice(*manager_, *camera, device);
}

void Manager::list(void *context, void (*visit)(void *, const clc_description *)) {
    std::vector<std::shared_ptr<Camera>> cameras;
    {
        const std::lock_guard lock(mutex_);
        if (manager_) cameras = manager_->cameras();
    }
    for (const auto &camera : cameras) {
        const ControlList &properties = camera->properties();
        const auto model = properties.get(properties::Model);
        const std::string name = model ? std::string(*model) : std::string();
        clc_description description{};
        description.id = camera->id().c_str();
        description.model = model ? name.c_str() : nullptr;
        description.location = properties.get(properties::Location).value_or(-1);
        description.rotation = properties.get(properties::Rotation).value_or(0);
        visit(context, &description);
    }
}

void Manager::observe(void (*changed)(const char *, bool)) {
    const std::lock_guard lock(observerMutex_);
    changed_ = changed;
}

void Manager::added(std::shared_ptr<Camera> camera) {
    const std::lock_guard lock(observerMutex_);
    // The cameras that are there at the start are no news.
    if (isStarted_ && changed_) changed_(camera->id().c_str(), true);
}

void Manager::removed(std::shared_ptr<Camera> camera) {
    const std::lock_guard lock(observerMutex_);
    if (isStarted_ && changed_) changed_(camera->id().c_str(), false);
}

#endif
