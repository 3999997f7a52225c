// SPDX-License-Identifier: MIT

import ArgumentParser
import CameraKit

/// The library as a program uses it, for rows that the tool cannot do.
@main
struct Workload: ParsableCommand {
    static let configuration = CommandConfiguration(subcommands: [
        Recordings.self, Cameras.self, Stills.self, Conversion.self, MotionJPEG.self, Pipe.self,
    ])
}

/// Footage: frames in a file, gone through again and again.
struct Footage: ParsableArguments {
    @Option(help: "Raw frames.") var file: String
    @Option(help: "Their size.", transform: Footage.resolution) var size: Resolution
    @Option(help: "How many to take of each camera.") var frames: Int

    static func resolution(_ text: String) throws -> Resolution {
        let parts = text.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2 else { throw ValidationError("'\(text)' is no size") }
        return Resolution(parts[0], parts[1])
    }

    /// A camera that shows it as fast as frames are taken.
    func camera() throws -> Camera {
        let format = RawVideoFormat(format: .nv12, size: size, frameRate: 30)
        let source = try PlaybackCamera(path: file, rawFormat: format, pacing: .none, loop: true)
        return try Camera(.source(Limited(source, frames: frames)))
    }

    /// The same with frames that are in memory already.
    func cameraInMemory(_ format: PixelFormat, range: ColorSpace.Range = .limited) throws -> Camera {
        let format = RawVideoFormat(format: format, size: size, frameRate: 30, range: range)
        let source = try MemorySource(path: file, format: format, frames: frames)
        return try Camera(.source(Limited(source, frames: frames)))
    }

    /// Records all frames of such a camera, throws away what comes of them, and tells how long it took.
    static func record(_ camera: Camera, format: MediaFormat, options: EncoderOptions = EncoderOptions()) throws {
        defer { camera.close() }
        let sink = Sink()
        let start = ContinuousClock.now
        try camera.startRecording(to: .output(sink), format: format, options: options)
        try camera.waitRecording()
        try camera.stopRecording()
        let loop = ContinuousClock.now - start
        Report.tell(["loop": loop / .seconds(1), "bytes": Double(sink.bytes)])
    }

    /// H.264 as all contenders of the rows make it.
    static let h264 = EncoderOptions {
        $0.bitRate = 1_000_000
        $0.preset = "ultrafast"
        $0.tune = "zerolatency"
        $0.threads = 1
    }
}

/// Many recordings of one camera.
struct Recordings: ParsableCommand {
    @OptionGroup var footage: Footage
    @Option(help: "How many.") var count: Int
    @Option(help: "The folder for the files.") var folder: String

    func run() throws {
        let camera = try footage.camera()
        defer { camera.close() }
        try Camera.startRecordings(
            (1...count).map { port in
                (
                    camera,
                    RecordingRequest(to: "\(folder)/\(port).h264", splitterPort: port, options: Footage.h264)
                )
            })
        for port in 1...count {
            try camera.waitRecording(splitterPort: port)
            try camera.stopRecording(splitterPort: port)
        }
    }
}

/// Many cameras with a recording each.
struct Cameras: ParsableCommand {
    @OptionGroup var footage: Footage
    @Option(help: "How many.") var count: Int
    @Option(help: "The folder for the files.") var folder: String

    func run() throws {
        let cameras = try (1...count).map { _ in try footage.camera() }
        defer { for camera in cameras { camera.close() } }
        try Camera.startRecordings(
            cameras.enumerated().map { index, camera in
                (camera, RecordingRequest(to: "\(folder)/\(index + 1).h264", options: Footage.h264))
            })
        for camera in cameras {
            try camera.waitRecording()
            try camera.stopRecording()
        }
    }
}

/// Pictures one after the other.
struct Stills: ParsableCommand {
    @OptionGroup var footage: Footage

    func run() throws {
        // In the range of JPEG, as the bare library takes it.
        let camera = try footage.cameraInMemory(.nv12, range: .full)
        defer { camera.close() }
        let sink = Sink()
        let start = ContinuousClock.now
        try camera.captureSequence(
            to: (0..<footage.frames).map { _ in sink as any Output }, format: .jpeg, useVideoPort: true,
            options: EncoderOptions {
                $0.quality = 85
                // The bare library makes none.
                $0.thumbnail = .off
            })
        let loop = ContinuousClock.now - start
        Report.tell(["loop": loop / .seconds(1), "bytes": Double(sink.bytes)])
    }
}

/// YUYV frames recorded as planes of Y, U and V.
struct Conversion: ParsableCommand {
    @OptionGroup var footage: Footage

    func run() throws {
        try Footage.record(footage.cameraInMemory(.yuyv), format: .yuv420)
    }
}

/// NV12 frames recorded as MJPEG.
struct MotionJPEG: ParsableCommand {
    @OptionGroup var footage: Footage

    func run() throws {
        // In the range of JPEG, as the bare library takes it.
        try Footage.record(
            footage.cameraInMemory(.nv12, range: .full), format: .mjpeg,
            options: EncoderOptions {
                $0.quality = 85
                $0.threads = 2
            })
    }
}

/// Frames from standard input, recorded to standard output as they come.
struct Pipe: ParsableCommand {
    @Option(help: "Their size.", transform: Footage.resolution) var size: Resolution
    @Option(help: "Bits per second.") var bitRate: Int

    func run() throws {
        let camera = try Camera(.source(InputSource(size: size, frameRate: 30)))
        defer { camera.close() }
        try camera.startRecording(
            to: "/dev/stdout", format: .h264,
            options: EncoderOptions {
                $0.bitRate = bitRate
                $0.preset = "ultrafast"
                $0.tune = "zerolatency"
                $0.threads = 1
            })
        try camera.waitRecording()
        try camera.stopRecording()
    }
}
