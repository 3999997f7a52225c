// SPDX-License-Identifier: MIT

#pragma once

#include "Manager.hpp"

#include <utility>
#include <vector>

/// A camera and what was made for its use.
struct clc_session {
    clc_session(std::shared_ptr<libcamera::Camera> camera, Hub &hub) : camera(std::move(camera)), hub(hub) {}

    std::shared_ptr<libcamera::Camera> camera;
    Hub &hub;
    bool isAcquired = false;
    bool isRunning = false;
    std::unique_ptr<libcamera::CameraConfiguration> proposal;
    /// The configuration that the camera has.
    std::unique_ptr<libcamera::CameraConfiguration> configuration;
    std::unique_ptr<libcamera::FrameBufferAllocator> allocator;
    std::vector<std::unique_ptr<libcamera::Request>> requests;

    using Settings = std::vector<std::pair<unsigned int, libcamera::ControlValue>>;
    std::mutex settingsMutex;
    /// Everything that was set, and what of it the camera does not know yet.
    Settings settings, news;

    int acquire();
    int propose(clc_stream *streams, size_t count, bool flipsAcross, bool flipsDown, bool *isFlipped);
    int apply();
    void formats(size_t stream, void *context, void (*visit)(void *, const clc_format *)) const;
    int prepare();
    int start(int64_t frameDuration, const clc_listener &listener);
    int queue(uint32_t request);
    int stop();
    void controls(void *context, void (*visit)(void *, const clc_control *)) const;
    int setControl(uint32_t id, const double *numbers, size_t count);
};

/// A buffer's planes in the program's memory.
struct clc_memory {
    struct Mapping {
        libcamera::SharedFD descriptor;
        void *address;
        size_t length;
    };
    std::vector<Mapping> mappings;
    std::vector<clc_plane> planes;

    /// Maps a buffer; nothing when that fails, with the reason in `errno`.
    static std::unique_ptr<clc_memory> map(const libcamera::FrameBuffer &buffer);
    void sync(bool begins) const;
    ~clc_memory();
};
