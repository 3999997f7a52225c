// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs

/// What a ring holds, in files of any kind: these methods are here because a name may be that of a container.
extension CircularOutput {
    /// Writes the latest pictures to a file or an output, on the caller's thread, while recording goes on.
    ///
    /// The copy starts with a picture of the type `firstFrame`, has the stream's parameter sets in front, and ends with the
    /// newest picture. Of `last` and `frames` it has at least what was asked for, or else all that the ring keeps; of `bytes` it
    /// has at most so many. The copy shares the ring's memory: pictures that the ring forgets meanwhile take up memory until
    /// they are written.
    ///
    /// - Parameters:
    ///   - target: A path, whose extension may be that of a container, or an output, which is flushed in the end but not closed.
    ///   - duration: The time before the newest picture that is copied at least.
    ///   - frames: The number of pictures that are copied at least.
    ///   - bytes: The most bytes to copy, not counting parameter sets that are added in front.
    ///   - firstFrame: The type of the first picture; nil for any, which may not decode.
    /// - Returns: The first and the last picture that were copied.
    /// - Throws: `.nothingToCopy` when there is no such picture, and then no file is made; `.invalidValue` when more than one
    ///   extent is given; `.output`; `.closed`.
    @discardableResult
    public func copy(
        to target: OutputTarget, last duration: Duration? = nil, frames: Int? = nil, bytes: Int? = nil,
        firstFrame: FrameType? = .key
    ) throws(CameraError) -> (first: PacketInfo, last: PacketInfo) {
        let extents = [duration.map(Extent.time), frames.map(Extent.frames), bytes.map(Extent.bytes)].compactMap(\.self)
        guard extents.count <= 1 else {
            throw CameraError(
                .invalidValue, "copying the ring", subject: "\(target)",
                reason: "give at most one of last, frames and bytes")
        }
        return try copy(to: "\(target)", extents.first, startingWith: firstFrame) { () throws(CameraError) in
            try OpenedOutput(container: target)
        }
    }

    /// Begins to write what the ring holds, and from then on all that comes, as one recording without a gap.
    ///
    /// A separate thread writes. When more bytes wait than the ring's `queueLimit`, packets are left out up to the next key
    /// frame and counted in ``CircularOutput/packetsDropped``; the ring and the encoder are not disturbed. The first picture is
    /// the newest key frame that is at least `duration` old, or else the oldest that is kept, or the next one that comes when
    /// there is none. `RingClips` does this for events, with names of a template and an end for each.
    ///
    /// - Parameters:
    ///   - target: A path, whose extension may be that of a container, or an output, which is flushed in the end but not closed.
    ///   - duration: The time before the newest picture that is written at least; nil for all that is kept.
    /// - Throws: `.alreadyRecording` while another live output is written; what opening the path throws; `.closed`.
    public func startWriting(to target: OutputTarget, last duration: Duration? = nil) throws(CameraError) {
        // The output may be the user's, who is asked outside of all locks.
        try startWriting(to: "\(target)", last: duration) { () throws(CameraError) in
            try OpenedOutput(container: target)
        }
    }
}

extension OpenedOutput {
    /// Opens a path as what its extension says, or takes an output as it is.
    fileprivate init(container target: OutputTarget) throws(CameraError) {
        try target.refusePlaylist("opening the output", "write the ring to an .mp4, or hand in an HLSOutput")
        let opened = try OpenedOutput(target)
        guard case .path(let path) = target else {
            self = opened
            return
        }
        self = opened.inContainer(of: path)
    }
}
