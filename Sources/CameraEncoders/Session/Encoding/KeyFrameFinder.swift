// SPDX-License-Identifier: MIT

internal import CameraCore

/// Sorts out the frames of a camera that encodes by itself, so that what is written decodes from the first picture on.
///
/// A recording begins with a key frame; after a gap, wherever the frames were lost, nothing can be used before the next. Where
/// a file begins, pictures behind its key frame that need what is before it are left out.
struct KeyFrameFinder {
    private let source: any VideoSource
    private var last: UInt64?
    private var waitsSince: Timestamp?
    private var lastRequest: Timestamp?
    private var canAsk = true
    private var filter = StartFilter()

    /// How long a camera may go on without a key frame that is needed: half a minute, or 300 frames where those are slower.
    private let patience: Duration
    /// After which time it is asked once more.
    private static let pause = Duration.seconds(1)

    init(source: any VideoSource, frameRate: FrameRate) {
        self.source = source
        patience = max(.seconds(30), frameRate.interval * 300)
    }

    /// Whether a key frame is needed before any other can be used.
    var isWaiting: Bool { waitsSince != nil }

    /// Whether the frame can be used.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - time: Its time in the recording, which runs on where that of the camera does not.
    /// - Returns: Whether it can be used.
    /// - Throws: `.codec` when a key frame does not come.
    mutating func admits(_ frame: Frame, at time: Timestamp) throws(CameraError) -> Bool {
        let follows = last.map { frame.info.sequence == $0 &+ 1 } ?? false
        last = frame.info.sequence
        let lineage = frame.lineage
        if case .start = lineage {
            // What was before is missing.
            if !follows || waitsSince != nil { filter.begin(with: lineage) }
            waitsSince = nil
            lastRequest = nil
            return true
        }
        if follows, waitsSince == nil { return filter.admits(lineage) }
        let start = waitsSince ?? time
        waitsSince = start
        guard time - start < patience else {
            throw CameraError(
                .codec, "waiting for a key frame", subject: source.name,
                reason: "the camera made none in \(patience); shorten its key-frame interval by a control")
        }
        ask(at: time)
        return false
    }

    /// A file begins with this frame.
    mutating func noteCut(at frame: Frame) { filter.begin(with: frame.lineage) }

    /// Asks the camera for a key frame, unless it was asked a moment ago.
    mutating func ask(at time: Timestamp) {
        guard canAsk, lastRequest.map({ time - $0 >= Self.pause }) ?? true else { return }
        lastRequest = time
        // A camera that fails is noticed where its frames are taken; one that refuses makes its next key frame unasked.
        if let isAsked = try? source.requestKeyFrame() { canAsk = isAsked }
    }
}
