// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Memory of a fixed size, safe to use from any thread.
///
/// A picture that does not fit is cut off and ends the recording or capture with an error. A program can make use of that:
/// a buffer of width × height bytes takes the Y plane alone of a raw frame, and the error is ignored.
public final class BufferOutput: Output, @unchecked Sendable {
    // Unchecked: `memory` is touched only under the lock of `state`.
    private let memory: UnsafeMutableRawBufferPointer
    private let isOwned: Bool
    private let state = Mutex(State())

    private struct State {
        var count = 0
        var isClosed = false
    }

    /// Makes an output with memory of its own.
    ///
    /// - Throws: `.invalidValue` when `capacity` is not at least 1.
    public init(capacity: Int) throws(CameraError) {
        guard capacity >= 1 else {
            throw CameraError(
                .invalidValue, "making a buffer", subject: "\(capacity)", reason: "it needs at least one byte")
        }
        memory = .allocate(byteCount: capacity, alignment: 64)
        isOwned = true
    }

    /// Makes an output over memory of the program, which keeps it valid for as long as the output exists.
    ///
    /// - Parameter buffer: The memory; while the output is in use by a recording, read it through ``data`` only.
    public init(buffer: UnsafeMutableRawBufferPointer) {
        memory = buffer
        isOwned = false
    }

    deinit {
        if isOwned { memory.deallocate() }
    }

    /// The size of the buffer in bytes.
    public var capacity: Int { memory.count }

    /// The number of bytes that have been written.
    public var count: Int { state.withLock { $0.count } }

    /// A copy of what has been written, also after ``close()``.
    public var data: [UInt8] { state.withLock { Array(memory[..<$0.count]) } }

    /// Lets the next picture start at the buffer's first byte again.
    public func rewind() {
        state.withLock { $0.count = 0 }
    }

    /// Appends one picture, or what fits of it.
    ///
    /// - Throws: `.output` after writing what fits; `.closed`.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        let operation = "writing to a buffer"
        try bytes.withUnsafeBytes { bytes throws(CameraError) in
            try state.withLock { state throws(CameraError) in
                guard !state.isClosed else { throw CameraError(.closed, operation) }
                let part = bytes.prefix(memory.count - state.count)
                UnsafeMutableRawBufferPointer(rebasing: memory[state.count...]).copyBytes(from: part)
                state.count += part.count
                guard part.count == bytes.count else {
                    throw CameraError(
                        .output, operation,
                        reason: "the buffer is full: \(part.count) of \(bytes.count) bytes fitted into the rest of its "
                            + "\(memory.count)")
                }
            }
        }
    }

    /// Refuses further writing; what has been written stays.
    public func close() {
        state.withLock { $0.isClosed = true }
    }
}
