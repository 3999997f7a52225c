// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

extension CircularOutput {
    /// Writes the latest pictures to a file or an output, on the caller's thread, while recording goes on.
    ///
    /// The copy starts with the oldest picture of the type `firstFrame` within the limit, has the stream's parameter sets
    /// in front, and ends with the newest picture. The copy shares the ring's memory: pictures that the ring forgets meanwhile
    /// take up memory until they are written.
    ///
    /// - Parameters:
    ///   - target: A path, or an output, which is flushed in the end but not closed.
    ///   - duration: The longest time before the newest picture to start at.
    ///   - frames: The most pictures to copy.
    ///   - bytes: The most bytes to copy, not counting parameter sets that are added in front.
    ///   - firstFrame: The type of the first picture; nil for any, which may not decode.
    /// - Returns: The first and the last picture that were copied.
    /// - Throws: `.nothingToCopy` when no such picture is within the limit, and then no file is made; `.invalidValue` when
    ///   more than one limit is given; `.output`; `.closed`.
    @discardableResult
    public func copy(
        to target: OutputTarget, last duration: Duration? = nil, frames: Int? = nil, bytes: Int? = nil,
        firstFrame: FrameType? = .key
    ) throws(CameraError) -> (first: PacketInfo, last: PacketInfo) {
        let operation = "copying the ring"
        let extents = [duration.map(Extent.time), frames.map(Extent.frames), bytes.map(Extent.bytes)].compactMap(\.self)
        guard extents.count <= 1 else {
            throw CameraError(
                .invalidValue, operation, subject: "\(target)", reason: "give at most one of last, frames and bytes")
        }
        let (packets, stream) = try state.withLock { state throws(CameraError) in
            try checkOpen(state)
            return (state.ring.packets(last: extents.first, startingWith: firstFrame), state.stream)
        }
        guard let first = packets.first, let last = packets.last else {
            throw CameraError(
                .nothingToCopy, operation, subject: "\(target)",
                reason: "no \(firstFrame?.rawValue ?? "") frame is within what was asked for")
        }
        let opened = try OpenedOutput(byteStream: target)
        do {
            if let stream { try opened.output.begin(stream) }
            try opened.output.write(first.withHeaders(stream?.parameterSets ?? []))
            for packet in packets.dropFirst() { try opened.output.write(packet) }
            try opened.output.end()
        } catch {
            // The first error is the one to report.
            try? opened.release()
            throw CameraError(wrapping: error, as: .output, operation, subject: opened.name)
        }
        try opened.release()
        return (first.info, last.info)
    }
}
