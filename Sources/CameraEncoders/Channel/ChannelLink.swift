// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// Feeds a camera's frames to an ``EncoderChannel`` until the link is ended, or the camera or the channel ends.
///
/// Frames of a camera that find the channel full or too slow are dropped, which ``framesDropped`` counts; a file is held
/// back. When the source's frames end, the channel is drained. When the camera fails or is closed,
/// `EncoderChannel.receive(timeout:)` returns what was encoded and then throws that error.
public final class ChannelLink: Sendable {
    private let parent: EncoderParent
    private let port: Int
    private let state = Mutex(State())

    private struct State {
        /// What feeds the channel; nil until that was started.
        var feed: ChannelFeed?
        var isEnded = false
        /// Why it did not begin.
        var failure: CameraError?
    }

    /// Links a camera to a channel; frames flow once that was started.
    ///
    /// - Parameters:
    ///   - parent: The camera.
    ///   - channel: The channel; frames of other sizes are scaled to its own.
    ///   - port: The splitter port whose style the pictures have.
    /// - Throws: `.closed`, `.sourceEnded`; what the camera failed with; `.invalidValue` for a style that does not fit.
    package init(_ parent: EncoderParent, to channel: EncoderChannel, port: Int) throws(CameraError) {
        self.parent = parent
        self.port = port
        try parent.router.checkRunning()
        try parent.style(ofPort: port)?.check(for: channel.attributes.size)
        // Weak: who has let go of the link wants no frames.
        let run = try channel.runOrNext { [weak self] run in self?.beginLate(run) }
        if let run { try begin(run) }
    }

    deinit {
        end()
    }

    private func begin(_ run: ChannelRun) throws(CameraError) {
        let feed = try ChannelFeed(parent, port, run)
        let isWanted = state.withLock { state in
            if !state.isEnded { state.feed = feed }
            return !state.isEnded
        }
        if isWanted { try feed.attach() } else { feed.end() }
    }

    /// Begins to feed a channel that was linked before it was started; when no frames come any more, who receives is told.
    private func beginLate(_ run: ChannelRun) {
        do throws(CameraError) {
            try begin(run)
        } catch  where error.code == .sourceEnded {
            // As at the end of a source's frames; what keeps the channel from draining is told to who receives.
            try? run.drain()
        } catch {
            state.withLock { $0.failure = error }
            run.finish(error)
        }
    }

    /// Ends the link.
    ///
    /// Frames that were taken are encoded, but for those that find no room in the channel, which ``framesDropped`` counts.
    /// May be called twice.
    public func end() {
        let feed = state.withLock { state in
            state.isEnded = true
            return state.feed
        }
        feed?.end()
    }

    /// The number of the camera's frames that did not go into the channel; frames before the channel's start do not count.
    public var framesDropped: Int { state.withLock { $0.feed }?.framesDropped ?? 0 }

    /// The error that ended the link; nil while it goes on, and when it ended with its source or by ``end()``.
    public var error: CameraError? {
        let (feed, failure) = state.withLock { ($0.feed, $0.failure) }
        return failure ?? feed?.error
    }
}
