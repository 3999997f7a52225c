// SPDX-License-Identifier: MIT

internal import CLibCamera
internal import CameraCore
internal import Glibc
internal import SystemPackage
internal import V4L2

extension LibCameraShim {
    /// Says for users what a failed call means, with the last words of libcamera's log.
    ///
    /// - Parameters:
    ///   - result: The negative error number that the call returned.
    ///   - operation: What was being done.
    ///   - subject: The camera's name.
    ///   - reason: What is known besides.
    /// - Returns: The error.
    func failure(_ result: Int32, _ operation: String, subject: String?, reason: String? = nil) -> CameraError {
        let errno = Errno(rawValue: -result)
        let code: CameraError.Code =
            switch errno {
            case .resourceBusy: .busy
            case .permissionDenied, .notPermitted: .permissionDenied
            case .noSuchAddressOrDevice, .operationNotSupportedByDevice: .deviceLost
            default: .device
            }
        let words = lastWords
        var reason = reason ?? (words.isEmpty ? nil : "libcamera says '\(words)'")
        if code == .permissionDenied {
            reason = [reason, CameraError.noRight].compactMap(\.self).joined(separator: "; ")
        }
        return CameraError(code, operation, subject: subject, reason: reason, systemError: errno)
    }

    /// The last error that libcamera logged; empty when there is none.
    var lastWords: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
            guard let start = text.baseAddress else { return "" }
            functions.last_error(start, text.count)
            return String(cString: start)
        }
    }

    /// The video devices that a camera works with: "/dev/video0".
    func nodes(of id: String, _ calls: SystemCalls) -> [String] {
        calls.videoNumbers.filter { number in
            guard let device = calls.deviceNumber(ofVideo: number) else { return false }
            return functions.uses_device(id, device)
        }.map { "/dev/video\($0)" }
    }
}

extension SystemCalls {
    /// The numbers of the video devices, in order.
    fileprivate var videoNumbers: [Int] {
        names("/sys/class/video4linux").compactMap { $0.hasPrefix("video") ? Int($0.dropFirst(5)) : nil }.sorted()
    }

    /// The number by which the kernel knows a video device, as `st_rdev` has it (sysmacros.h of the C library).
    fileprivate func deviceNumber(ofVideo number: Int) -> UInt64? {
        let parts = text("/sys/class/video4linux/video\(number)/dev")?.split { $0 == ":" || $0 == "\n" }
        guard let parts, parts.count >= 2, let major = UInt64(parts[0]), let minor = UInt64(parts[1]) else {
            return nil
        }
        return (major & 0xFFF) << 8 | minor & 0xFF | (minor & ~0xFF) << 12 | (major & ~0xFFF) << 32
    }

    /// Whether a video device is a USB webcam, which needs no help by libcamera.
    func isWebcam(_ node: String) -> Bool {
        let name = node.split(separator: "/").last ?? ""
        return linkTarget("/sys/class/video4linux/\(name)/device/driver")?.hasSuffix("/uvcvideo") ?? false
    }

    /// The media devices that video devices belong to: "/dev/media0".
    private func mediaDevices(ofVideo nodes: [String]) -> Set<String> {
        Set(
            nodes.flatMap { node in
                let name = node.split(separator: "/").last ?? ""
                return names("/sys/class/video4linux/\(name)/device").filter { $0.hasPrefix("media") }
            }.map { "/dev/\($0)" })
    }

    /// A sentence about who holds a camera with these video devices.
    func holder(ofVideo nodes: [String]) -> String {
        let media = mediaDevices(ofVideo: nodes)
        if let holder = holder(of: media) { return holder.sentence }
        let list = media.sorted().joined(separator: " ")
        return "this program or one of another user has it in use"
            + (list.isEmpty ? "" : "; 'sudo fuser -v \(list)' tells which")
    }

    /// The process that has locked one of some media devices, as libcamera does with those of a camera that is held.
    ///
    /// The kernel tells of locks in /proc/PID/fdinfo.
    private func holder(of media: Set<String>) -> (device: String, sentence: String)? {
        let own = linkTarget("/proc/self")
        for process in names("/proc") where Int(process) != nil {
            for descriptor in names("/proc/\(process)/fd") {
                guard let device = linkTarget("/proc/\(process)/fd/\(descriptor)"), media.contains(device),
                    text("/proc/\(process)/fdinfo/\(descriptor)")?.contains("lock:") ?? false
                else { continue }
                if process == own { return (device, "this program has it open already") }
                let name = text("/proc/\(process)/comm")?.split(separator: "\n").first ?? "a program"
                return (device, "\(name) (process \(process)) uses it; close that program")
            }
        }
        return nil
    }

    /// Whether there is any media device; without one libcamera has no camera.
    var hasMediaDevices: Bool { names("/dev").contains { $0.hasPrefix("media") } }

    /// Why libcamera finds no camera, and what to do.
    var reasonForNoCamera: CameraError {
        let operation = "looking for a camera of libcamera"
        let media = names("/dev").filter { $0.hasPrefix("media") }.map { "/dev/\($0)" }.sorted()
        guard !media.isEmpty else {
            return CameraError(
                .notFound, operation,
                reason: "there is none (no /dev/media* that one could be behind); connect one, check its cable and, on "
                    + "a Raspberry Pi, camera_auto_detect=1 in config.txt")
        }
        for path in media {
            switch open(path) {
            case .success(let descriptor): close(descriptor)
            case .failure(let errno):
                guard errno == .permissionDenied else { continue }
                return CameraError(
                    .permissionDenied, operation, subject: path, reason: CameraError.noRight, systemError: errno)
            }
        }
        // Some of libcamera's drivers do not find a camera at all while another program uses it.
        if let holder = holder(of: Set(media)) {
            return CameraError(.busy, operation, subject: holder.device, reason: holder.sentence)
        }
        return CameraError(
            .notFound, operation,
            reason: "it knows none behind \(media.joined(separator: ", ")); for a webcam name its node, /dev/videoN")
    }
}
