// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// An output that hands each picture to a closure; ``OutputTarget/writing(_:)`` makes it.
public final class ClosureOutput: Output {
    private let body: @Sendable (RawSpan, PacketInfo) throws -> Void
    private let isClosed = Atomic(false)

    /// Makes an output of a closure.
    ///
    /// - Parameter body: Called with each whole picture on the encoder's callback thread, one at a time; the bytes are
    ///   valid only during the call. What it throws ends the recording.
    public init(_ body: @escaping @Sendable (RawSpan, PacketInfo) throws -> Void) {
        self.body = body
    }

    /// Calls the closure.
    ///
    /// - Throws: What the closure throws; `.closed`.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        guard !isClosed.load(ordering: .acquiring) else {
            throw CameraError(.closed, "writing to a closure")
        }
        try body(bytes, info)
    }

    /// Refuses further writing.
    public func close() {
        isClosed.store(true, ordering: .releasing)
    }
}

extension OutputTarget {
    /// An output that hands each picture to a closure.
    ///
    /// ```swift
    /// try camera.startRecording(to: .writing { bytes, info in print(info.index, bytes.byteCount) }, format: .h264)
    /// ```
    ///
    /// - Parameter body: Called with each whole picture on the encoder's callback thread, one at a time; the bytes are
    ///   valid only during the call. What it throws ends the recording.
    /// - Returns: The output.
    public static func writing(_ body: @escaping @Sendable (RawSpan, PacketInfo) throws -> Void) -> OutputTarget {
        .output(ClosureOutput(body))
    }
}
