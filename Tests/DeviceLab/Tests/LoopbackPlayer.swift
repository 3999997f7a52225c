// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation

/// ffmpeg that plays a movie, over and over at its own pace, into a device of v4l2loopback.
struct LoopbackPlayer {
    private let device: String
    private let process = Process()

    /// Begins to play.
    ///
    /// - Parameters:
    ///   - movie: The file.
    ///   - device: The node to play into.
    ///   - filter: What to do with the pictures.
    /// - Throws: When ffmpeg cannot be started.
    init(_ movie: String, to device: String, filter: String = "null") throws {
        self.device = device
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", movie, "-an", "-vf", filter]
            + ["-pix_fmt", "yuyv422", "-f", "v4l2", device]
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Begins to play without decoding: the device has the movie's own compressed pictures.
    ///
    /// - Parameters:
    ///   - movie: The file.
    ///   - device: The node to play into.
    ///   - filter: What to do with the compressed pictures, by the name of a bit stream filter.
    /// - Throws: When ffmpeg cannot be started.
    init(copying movie: String, to device: String, filter: String = "null") throws {
        self.device = device
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", movie, "-an", "-c:v", "copy"]
            + ["-bsf:v", filter, "-f", "v4l2", device]
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Opens the camera when the program has begun to play into it: before that it is none.
    ///
    /// - Parameter format: What it is to deliver; nil for any.
    func waitForCamera(_ format: PixelFormat? = nil) throws -> V4L2Camera {
        let deadline = Timestamp.now + V4L2Camera.patience
        while true {
            do {
                return try V4L2Camera(device, configuration: SourceConfiguration(pixelFormat: format))
            } catch {
                guard error.code == .unsupported, .now < deadline else { throw error }
                usleep(100_000)
            }
        }
    }

    /// Ends the program, which does not always heed SIGTERM here.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
