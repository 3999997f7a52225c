// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Memory that grows with what is written to it, safe to use from any thread.
public final class MemoryOutput: Output {
    /// The most bytes that the output takes; nil for no limit.
    public let limit: Int?
    private let state = Mutex(State())

    private struct State {
        var data: [UInt8] = []
        var isClosed = false
    }

    /// Makes an empty output.
    ///
    /// - Parameter limit: The most bytes that the output takes; nil for no limit.
    public init(limit: Int? = nil) {
        self.limit = limit
    }

    /// What has been written, also after ``close()``.
    public var data: [UInt8] { state.withLock { $0.data } }

    /// The number of bytes that have been written.
    public var count: Int { state.withLock { $0.data.count } }

    /// Empties the output for what comes next, and returns what was in it.
    @discardableResult
    public func removeAll() -> [UInt8] {
        state.withLock { state in
            defer { state.data = [] }
            return state.data
        }
    }

    /// Appends one picture, whole.
    ///
    /// - Throws: `.output` when the picture would pass ``limit``, and nothing of it is kept; `.closed`.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        let operation = "writing to memory"
        try bytes.withUnsafeBytes { bytes throws(CameraError) in
            try state.withLock { state throws(CameraError) in
                guard !state.isClosed else { throw CameraError(.closed, operation) }
                if let limit, bytes.count > limit - state.data.count {
                    throw CameraError(.output, operation, reason: "the limit of \(limit) bytes is reached; raise it")
                }
                state.data.append(contentsOf: bytes)
            }
        }
    }

    /// Refuses further writing; what has been written stays.
    public func close() {
        state.withLock { $0.isClosed = true }
    }
}
