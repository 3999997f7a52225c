// SPDX-License-Identifier: MIT

#pragma once

#include "include/CLibCameraShim.h"

#include <libcamera/libcamera.h>

#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>

/// Keeps the last error of what libcamera logs, which is written nowhere unless the user asks for it.
class LogTail : public std::streambuf {
public:
    /// Makes libcamera's log go here, unless the environment says what is to become of it.
    void install();
    /// The last error since the last call.
    std::string take();

protected:
    std::streamsize xsputn(const char *text, std::streamsize count) override;
    int overflow(int character) override;

private:
    std::mutex mutex_;
    std::string last_;
    std::ostream stream_{this};
    bool isInstalled_ = false;
};

/// Hands what a camera signals to the session that listens.
///
/// It is connected once and lives as long as the manager: libcamera may still call a slot that another thread
/// disconnects.
class Hub {
public:
    explicit Hub(libcamera::Camera &camera);
    void listen(const clc_listener &listener);
    /// Nothing is called any more when this returns.
    void stopListening();

private:
    void completed(libcamera::Request *request);
    void disconnected();

    std::mutex mutex_;
    bool isListening_ = false;
    clc_listener listener_{};
};

/// The one manager of libcamera that a process may have, as long as somebody uses it.
class Manager {
public:
    static Manager &shared();

    int retain();
    void release();
    std::shared_ptr<libcamera::Camera> camera(const std::string &id);
    Hub &hub(const std::shared_ptr<libcamera::Camera> &camera);
    bool usesDevice(const std::string &id, dev_t device);
    void list(void *context, void (*visit)(void *, const clc_description *));
    void observe(void (*changed)(const char *, bool));

    LogTail log;

private:
    void added(std::shared_ptr<libcamera::Camera> camera);
    void removed(std::shared_ptr<libcamera::Camera> camera);

    std::mutex mutex_;
    int users_ = 0;
    std::unique_ptr<libcamera::CameraManager> manager_;
    std::map<std::shared_ptr<libcamera::Camera>, std::unique_ptr<Hub>> hubs_;
    std::mutex observerMutex_;
    bool isStarted_ = false;
    void (*changed_)(const char *, bool) = nullptr;
};
