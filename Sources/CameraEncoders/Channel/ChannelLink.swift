// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Feeds a camera's frames to an ``EncoderChannel`` until it is ended, or the camera or the channel ends.
///
/// A camera that cannot wait loses frames to a channel that is full or too slow, which ``framesDropped`` counts; a file is
/// held back. When the camera's frames end, the channel is drained.
public final class ChannelLink: Sendable {
    private let parent: any EncoderParent
    private let frames: FrameQueue
    private let feed: ChannelFeed
    private let thread: WorkerThread

    private static let made = Atomic(0)

    /// Links a camera to a channel that was started.
    ///
    /// - Parameters:
    ///   - parent: The camera.
    ///   - channel: The channel; frames of other sizes are scaled to its own.
    /// - Throws: `.notStarted`, `.closed`, `.sourceEnded`; what the camera failed with.
    public init(_ parent: any EncoderParent, to channel: EncoderChannel) throws(CameraError) {
        let router = parent.router
        let frames = FrameQueue(onRoom: { router.roomAvailable() }, onDrop: { _ in })
        let feed = ChannelFeed(
            run: try channel.run("linking a channel"), size: channel.attributes.size, stage: parent.conversions,
            source: router.source)
        let damage = DamageWatch(router) { [weak parent] count, error in
            parent?.report(.picturesDamaged(port: nil, count: count, error))
        }
        let number = Self.made.add(1, ordering: .relaxed).oldValue % 1000
        thread = try WorkerThread("link\(number)-encode") { feed.run(frames, damage) }
        self.parent = parent
        self.frames = frames
        self.feed = feed
        do {
            try router.attach([frames])
        } catch {
            frames.end(.closed)
            throw error
        }
    }

    deinit {
        end()
    }

    /// Ends the link.
    ///
    /// Frames that were taken are encoded. May be called twice.
    public func end() {
        frames.end(.closed)
        parent.router.detach(frames)
        if !thread.isCurrent { thread.join() }
    }

    /// Frames that the camera gave and that did not go into the channel.
    public var framesDropped: Int { frames.counts.dropped + feed.dropped }

    /// Why the link ended; nil while it goes on, and when it ended with its source or by ``end()``.
    public var error: CameraError? { feed.error }
}

/// The work of a link's thread.
private final class ChannelFeed: Sendable {
    private let run: ChannelRun
    private let size: Resolution
    private let stage: ConversionStage
    private let canWait: Bool
    private let frameRate: FrameRate
    private let outcome = Mutex((dropped: 0, error: CameraError?.none))

    init(run: ChannelRun, size: Resolution, stage: ConversionStage, source: any VideoSource) {
        self.run = run
        self.size = size
        self.stage = stage
        canWait = source.canWait
        frameRate = source.streams[0].frameRate
    }

    var dropped: Int { outcome.withLock { $0.dropped } }

    var error: CameraError? { outcome.withLock { $0.error } }

    func run(_ frames: FrameQueue, _ damage: DamageWatch) {
        var clock = SteadyClock(frameRate: frameRate, canWait: canWait)
        var first: Timestamp?
        var damage = damage
        defer { damage.finish() }
        do throws(CameraError) {
            while let item = frames.take() {
                let time = clock.advance(to: item.frame.info, arrival: item.arrival).info.timestamp
                let start = first ?? time
                first = start
                do throws(CameraError) {
                    try send(item.frame, at: time - start)
                    damage.noteUsable(item.arrival)
                } catch {
                    outcome.withLock { $0.dropped += 1 }
                    if error.code == .queueFull {
                        damage.noteUsable(item.arrival)
                    } else if error.pictureFault != nil {
                        try damage.noteDamaged(error, item.arrival)
                    } else {
                        throw error
                    }
                }
            }
            switch frames.ending {
            case .sourceEnded: try run.drain()
            case .failed(let error): outcome.withLock { $0.error = error }
            case .closed, .limitReached, nil: break
            }
        } catch {
            outcome.withLock { $0.error = error }
            frames.discard()
        }
    }

    private func send(_ frame: Frame, at time: Duration) throws(CameraError) {
        // Scaled and converted here, where other links and encoders of the camera find the result.
        let prepared = try stage.convert(frame, to: run.input.format, size: size, color: run.input.color)
        try run.send(prepared, at: time, until: canWait ? nil : .now)
    }
}
