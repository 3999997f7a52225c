// SPDX-License-Identifier: MIT

import CameraKit
import Dispatch
import Synchronization

/// An output of the user's that notes each call.
final class RecordingOutput: Output {
    /// What was called.
    enum Call: Equatable {
        case begin(MediaFormat, Resolution)
        case write(index: Int64, type: FrameType, byteCount: Int)
        case end
        case flush
        case close
    }

    /// What it throws when it is told to.
    struct Full: Error, Equatable {}

    private let limit: Int
    private let gate: DispatchSemaphore?
    private let state = Mutex(State())

    private struct State {
        var calls: [Call] = []
        var packets: [[UInt8]] = []
    }

    /// Makes an output.
    ///
    /// - Parameters:
    ///   - limit: The pictures that it takes before it fails.
    ///   - gate: What it waits for before each picture.
    init(limit: Int = .max, gate: DispatchSemaphore? = nil) {
        self.limit = limit
        self.gate = gate
    }

    /// The first bytes of the pictures: the lumas of flat raw pictures.
    var lumas: [UInt8] { packets.compactMap(\.first) }

    var calls: [Call] { state.withLock { $0.calls } }

    var packets: [[UInt8]] { state.withLock { $0.packets } }

    func begin(_ stream: StreamDescription) {
        note(.begin(stream.format, stream.size))
    }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        gate?.wait()
        gate?.signal()
        let copy = bytes.withUnsafeBytes { Array($0) }
        try state.withLock { state in
            guard state.packets.count < limit else { throw Full() }
            state.packets.append(copy)
            state.calls.append(.write(index: info.index, type: info.type, byteCount: copy.count))
        }
    }

    func end() { note(.end) }

    func flush() { note(.flush) }

    func close() { note(.close) }

    private func note(_ call: Call) {
        state.withLock { $0.calls.append(call) }
    }
}
