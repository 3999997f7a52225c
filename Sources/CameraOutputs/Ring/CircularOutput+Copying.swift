// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

extension CircularOutput {
    /// Writes the latest pictures to what `open` opens, on the caller's thread.
    ///
    /// - Parameters:
    ///   - name: What is opened, for messages.
    ///   - extent: What is copied; nil for all.
    ///   - firstFrame: The type of the first picture; nil for any.
    ///   - open: Opens the output, once it is known that there is something to copy.
    /// - Returns: The first and the last picture that were copied.
    /// - Throws: `.nothingToCopy`; `.output`; `.closed`.
    package func copy(
        to name: String, _ extent: Extent?, startingWith firstFrame: FrameType?,
        open: () throws(CameraError) -> OpenedOutput
    ) throws(CameraError) -> (first: PacketInfo, last: PacketInfo) {
        let operation = "copying the ring"
        let isPositive = extent?.isPositive ?? true
        let (packets, stream) = try state.withLock { state throws(CameraError) in
            try checkOpen(state)
            let start = extent.map { PacketRing.Start.last($0) } ?? .oldest
            return (isPositive ? state.ring.packets(from: start, startingWith: firstFrame) : [], state.stream)
        }
        guard let first = packets.first, let last = packets.last else {
            throw CameraError(
                .nothingToCopy, operation, subject: name,
                reason: "no \(firstFrame?.rawValue ?? "") frame is within what was asked for")
        }
        let opened = try open()
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
