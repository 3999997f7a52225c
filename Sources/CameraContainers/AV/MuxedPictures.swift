// SPDX-License-Identifier: MIT

#if Containers

internal import CameraCore
internal import Synchronization

/// The pictures of one output on their way into a muxer, which is made with the first of them.
///
/// One thread writes; no lock is held meanwhile.
final class MuxedPictures: Sendable {
    /// Makes the muxer, of the stream, the parameter sets and what is known about the first picture.
    typealias Making = @Sendable (StreamDescription, [UInt8], PacketInfo) throws(CameraError) -> Muxer

    private let operation: String
    private let name: String
    private let make: Making
    private let state = Mutex(State())

    private struct State {
        var stream: StreamDescription?
        var muxing: Muxing?
        var last: PacketInfo?
        var isBroken = false
        /// Bytes of the pictures that the muxer took.
        var byteCount = 0
    }

    /// A muxer, used by one thread at a time: who takes it out of the state has it alone.
    private struct Muxing: @unchecked Sendable {
        let muxer: Muxer
    }

    /// - Parameters:
    ///   - operation: What messages say was being done.
    ///   - name: The output's name in messages.
    ///   - make: Makes the muxer.
    init(_ operation: String, _ name: String, make: @escaping Making) {
        (self.operation, self.name, self.make) = (operation, name, make)
    }

    /// Bytes of the pictures that were written; the muxer may keep some of them back.
    var byteCount: Int { state.withLock { $0.byteCount } }

    /// Takes what the pictures are.
    func begin(_ stream: StreamDescription) { state.withLock { $0.stream = stream } }

    /// Writes a picture; after one that failed none is taken any more.
    func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try bytes.withUnsafeBytes { (bytes) throws(CameraError) in try write(bytes, info) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ info: PacketInfo) throws(CameraError) {
        let (stream, present) = try state.withLock { (state) throws(CameraError) in
            guard let stream = state.stream, !state.isBroken else {
                throw CameraError(
                    .output, operation, subject: name,
                    reason: state.isBroken ? "a write before failed" : "it was not begun, or has ended")
            }
            return (stream, state.muxing.take())
        }
        do throws(CameraError) {
            let muxing = if let present { present } else { try begin(stream, bytes, info) }
            try muxing.muxer.write(bytes, info)
            state.withLock { state in
                state.muxing = muxing
                state.last = info
                state.byteCount += bytes.count
            }
        } catch {
            state.withLock { $0.isBroken = true }
            throw error
        }
    }

    private func begin(
        _ stream: StreamDescription, _ bytes: UnsafeRawBufferPointer, _ info: PacketInfo
    ) throws(CameraError) -> Muxing {
        // The parameter sets in front of the first picture are newer than what was known before.
        let own = info.headerByteCount > 0 ? Array(bytes.prefix(info.headerByteCount)) : stream.parameterSets
        return Muxing(muxer: try make(stream, own, info))
    }

    /// Writes what belongs behind the last picture.
    func end() throws(CameraError) {
        let (muxing, last) = state.withLock { state in
            state.stream = nil
            return (state.muxing.take(), state.last)
        }
        if let muxing, let last { try muxing.muxer.finish(last) }
    }
}

#endif
