// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// Brings a camera's frames into a channel that runs, on a thread of its own.
final class ChannelFeed: Sendable {
    private let parent: EncoderParent
    private let frames: FrameQueue
    private let thread: WorkerThread
    private let outcome: Outcome
    private let run: ChannelRun

    private static let made = Atomic(0)

    /// What the thread tells.
    private final class Outcome: Sendable {
        let state = Mutex((dropped: 0, error: CameraError?.none))
        /// Whether the link was ended: no frame waits for room any more.
        let isEnded = Atomic(false)
    }

    /// Makes the queue and the thread; frames come by ``attach()``.
    init(_ parent: EncoderParent, _ port: Int, _ run: ChannelRun) throws(CameraError) {
        let router = parent.router
        let frames = FrameQueue(onRoom: { router.roomAvailable() }, onDrop: { _ in })
        let outcome = Outcome()
        let number = Self.made.add(1, ordering: .relaxed).oldValue % 1000
        thread = try WorkerThread("link\(number)-encode") {
            Work(parent: parent, port: port, run: run, source: router.source, outcome: outcome).run(frames)
        }
        self.parent = parent
        self.frames = frames
        self.outcome = outcome
        self.run = run
    }

    /// Begins to take frames.
    ///
    /// - Throws: `.sourceEnded`; what the camera failed with.
    func attach() throws(CameraError) {
        do {
            try parent.router.attach([frames])
        } catch {
            frames.end(.closed)
            throw error
        }
        // One that another thread has ended by now would never be detached.
        if frames.ending != nil { parent.router.detach(frames) }
    }

    /// Takes no more frames, and waits until those that were taken are encoded, or found no room.
    func end() {
        outcome.isEnded.store(true, ordering: .sequentiallyConsistent)
        frames.end(.closed)
        parent.router.detach(frames)
        run.output.look()
        if !thread.isCurrent { thread.join() }
    }

    /// Frames that did not go into the channel.
    var framesDropped: Int { frames.counts.dropped + outcome.state.withLock { $0.dropped } }

    /// Why it ended.
    var error: CameraError? { outcome.state.withLock { $0.error } }

    /// The thread's work.
    private struct Work {
        let parent: EncoderParent
        let port: Int
        let run: ChannelRun
        let source: any VideoSource
        let outcome: Outcome

        func run(_ frames: FrameQueue) {
            var clock = SteadyClock(frameRate: source.streams[0].frameRate, canWait: source.canWait)
            var first: Timestamp?
            var damage = DamageWatch(parent.router) { [weak parent] count, error in
                parent?.report(.picturesDamaged(splitterPort: nil, count: count, error))
            }
            defer { damage.finish() }
            do throws(CameraError) {
                while case .frame(let item)? = frames.take() {
                    let time = clock.advance(to: item.frame.info, arrival: item.arrival).info.timestamp
                    let start = first ?? time
                    first = start
                    do throws(CameraError) {
                        try send(item.frame, at: time - start)
                        damage.noteUsable(item.arrival)
                    } catch {
                        outcome.state.withLock { $0.dropped += 1 }
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
                case .failed(let error):
                    outcome.state.withLock { $0.error = error }
                    run.finish(error)
                case .closed, .limitReached, nil: break
                }
            } catch {
                outcome.state.withLock { $0.error = error }
                frames.discard()
                run.finish(error)
            }
        }

        private func send(_ frame: Frame, at time: Duration) throws(CameraError) {
            // Scaled, converted and drawn on here, where other links and encoders of the camera find the result.
            let prepared = try parent.conversions.convert(
                frame, to: run.input.format, size: run.size, color: run.input.color, style: parent.style(ofPort: port))
            try run.send(prepared, at: time, until: source.canWait ? nil : .now) {
                outcome.isEnded.load(ordering: .sequentiallyConsistent)
            }
        }
    }
}
