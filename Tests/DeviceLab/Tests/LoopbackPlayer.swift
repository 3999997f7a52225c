// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import Synchronization
import Testing

/// ffmpeg that plays a movie at its own pace into a device of v4l2loopback, which is a camera as long as it plays.
struct LoopbackPlayer {
    /// The node of the camera.
    let device: String
    private let process = Process()

    private static let used = Atomic(0)

    /// Begins to play, over and over.
    ///
    /// - Parameters:
    ///   - movie: The file.
    ///   - filter: What to do with the pictures.
    /// - Throws: When ffmpeg cannot be started.
    init(_ movie: String, filter: String = "null") throws {
        try self.init(
            ["-stream_loop", "-1", "-i", movie, "-an", "-vf", filter, "-pix_fmt", "yuyv422"])
    }

    /// Begins to play without decoding: the device has the byte stream's own compressed pictures, four per second.
    ///
    /// v4l2loopback writes a new picture into a buffer that its reader still holds, once it has come round: slowly enough, a guest
    /// that is held up reads none of two.
    ///
    /// - Parameters:
    ///   - stream: A file that is long enough.
    ///   - format: What it is, by ffmpeg's name.
    /// - Throws: When ffmpeg cannot be started.
    init(copying stream: String, _ format: String) throws {
        try self.init(["-f", format, "-framerate", "4", "-i", stream, "-c:v", "copy"])
    }

    private init(_ arguments: [String]) throws {
        // Each player has a device of its own: v4l2loopback 0.12 never takes pictures again after a program that wrote
        // them with write(2), as ffmpeg does.
        let number = Self.used.add(1, ordering: .relaxed).oldValue
        device = "/dev/video\(40 + number)"
        try #require(FileManager.default.fileExists(atPath: device), "the lab has too few loopback devices: see its vm")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-re"] + arguments + ["-f", "v4l2", device]
        process.standardInput = FileHandle.nullDevice
        try process.run()
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
