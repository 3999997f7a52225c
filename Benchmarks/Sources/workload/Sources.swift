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
