// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport

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
        Self.makeOutput(device)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", movie, "-an", "-vf", filter]
            + ["-pix_fmt", "yuyv422", "-f", "v4l2", device]
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Begins to play without decoding: the device has the byte stream's own compressed pictures, ten per second.
    ///
    /// - Parameters:
    ///   - stream: A file that is long enough.
    ///   - format: What it is, by ffmpeg's name.
    ///   - device: The node to play into.
    /// - Throws: When ffmpeg cannot be started.
    init(copying stream: String, _ format: String, to device: String) throws {
        self.device = device
        Self.makeOutput(device)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-v", "error", "-re", "-f", format, "-framerate", "10", "-i", stream, "-c:v", "copy"]
            + ["-f", "v4l2", device]
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Has the device take pictures again, which after a reader it does only when it is asked what it can do.
    private static func makeOutput(_ device: String) {
        _ = try? run("v4l2-ctl", ["-d", device, "--info"])
    }

    /// Opens the camera when the program has begun to play into it: before that it is none.
    ///
    /// - Parameter format: What it is to deliver; nil for any.
    /// - Returns: The camera.
    /// - Throws: When it is none in good time, or cannot be opened.
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
