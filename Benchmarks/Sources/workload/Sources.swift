// SPDX-License-Identifier: MIT

import CameraKit
import Glibc
import Synchronization

/// The first frames of another source.
final class Limited: VideoSource {
    private let source: any VideoSource
    private let left: Atomic<Int>

    init(_ source: any VideoSource, frames: Int) {
        self.source = source
        left = Atomic(frames)
    }

    var name: String { source.name }
    var streams: [VideoStream] { source.streams }
    var canWait: Bool { source.canWait }
    func configure(_ request: SourceConfiguration) throws { try source.configure(request) }
    func start() throws { try source.start() }
    func interrupt() { source.interrupt() }
    func stop() { source.stop() }
    func close() { source.close() }

    func next(timeout: Duration?) throws -> SourceEvent {
        guard left.load(ordering: .relaxed) > 0 else { return .ended }
        let event = try source.next(timeout: timeout)
        if case .frame = event { left.subtract(1, ordering: .relaxed) }
        return event
    }
}

/// Frames that a file begins with, held in memory and gone through again and again, as the bare libraries have them.
final class MemorySource: VideoSource {
    let name = "memory"
    let canWait = true
    let streams: [VideoStream]
    private let frames: [Frame]
    private let sequence = Atomic<UInt64>(0)

    /// Frames that are held at most.
    private static let most = 132

    init(path: String, format: RawVideoFormat, frames count: Int) throws {
        let file = try PlaybackCamera(path: path, rawFormat: format, pacing: .none)
        defer { file.close() }
        try file.start()
        frames = try (0..<min(count, Self.most)).map { _ in
            guard case .frame(let frame) = try file.next(timeout: nil) else {
                throw CameraError(.corruptData, "reading the footage", subject: path, reason: "it is too short")
            }
            return frame
        }
        streams = file.streams
    }

    func configure(_ request: SourceConfiguration) {}
    func start() {}
    func interrupt() {}
    func stop() {}
    func close() {}

    func next(timeout: Duration?) -> SourceEvent {
        let number = sequence.add(1, ordering: .relaxed).oldValue
        let frame = frames[Int(number) % frames.count]
        let info = FrameInfo(
            timestamp: Timestamp(nanoseconds: Int64(number + 1) * 1_000_000), wallTime: .now, sequence: number)
        return .frame(
            Frame(
                format: frame.format, size: frame.size, color: frame.color, info: info,
                planes: (0..<frame.planeCount).map(frame.plane), owner: frame))
    }
}

/// NV12 frames from standard input, each stamped when its last byte has come: a camera that does not wait.
final class InputSource: VideoSource {
    let name = "standard input"
    let canWait = false
    let streams: [VideoStream]
    private let pool = BytePool()
    private let sequence = Atomic<UInt64>(0)

    init(size: Resolution, frameRate: FrameRate) {
        streams = [VideoStream(format: .nv12, size: size, frameRate: frameRate, color: .bt601)]
    }

    func configure(_ request: SourceConfiguration) {}
    func start() {}
    func interrupt() {}
    func stop() {}
    func close() {}

    func next(timeout: Duration?) throws -> SourceEvent {
        let stream = streams[0]
        guard let byteCount = stream.format.byteCount(of: stream.size), let bytes = pool.take(byteCount) else {
            throw CameraError(.system, "reading a picture", reason: "no memory")
        }
        var got = 0
        while got < byteCount {
            let part = read(STDIN_FILENO, bytes.baseAddress + got, byteCount - got)
            guard part > 0 else { return .ended }
            got += part
        }
        let number = sequence.add(1, ordering: .relaxed).oldValue
        let info = FrameInfo(timestamp: .now, wallTime: .now, sequence: number)
        return .frame(Frame(packed: stream.format, size: stream.size, color: stream.color, info: info, bytes: bytes))
    }
}
