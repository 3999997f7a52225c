// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// The live pictures of a camera in one format, for however many watch: one encode, and none while nobody does.
///
/// Pictures come from a ``LiveFeed``, an output of a recording. When another feed takes over, such as that of a recording to a
/// file that was started meanwhile, it does so with its first key frame, and those who watch lose no picture.
final class LiveStream: Sendable {
    /// The forms in which pictures are sent.
    enum Form: CaseIterable {
        /// Fragments of MP4, each with one picture, as messages of a WebSocket.
        case fragments
        /// Packets of RTP.
        case packets
        /// The encoder's own bytes.
        case pictures
    }

    let format: MediaFormat
    private let branches: [Form: LiveBranch]
    private let onChange: @Sendable () -> Void
    /// Held while a picture is handed on: two feeds may come at once while one takes over from the other.
    private let state = Mutex(State())

    private struct State {
        /// The feed whose pictures are shown, which takes no memory with it when it goes.
        var feed: ObjectIdentifier?
        var stream: StreamDescription?
        /// When the recording was asked for a key frame last.
        var asked: Timestamp?
        var error: CameraError?
    }

    /// Key frames are asked for at most so often, however many want one.
    private static let patience = Duration.milliseconds(400)

    /// - Parameters:
    ///   - format: What the pictures are encoded in.
    ///   - branches: The forms in which it can be watched.
    ///   - onChange: Called when somebody begins or ceases to watch; must not wait.
    init(_ format: MediaFormat, _ branches: [Form: LiveBranch], onChange: @escaping @Sendable () -> Void) {
        self.format = format
        self.branches = branches
        self.onChange = onChange
    }

    /// How many watch.
    var viewerCount: Int { branches.values.reduce(0) { $0 + $1.viewerCount } }

    /// The stream that is shown, with its parameter sets; nil before the first picture.
    var stream: StreamDescription? { state.withLock(\.stream) }

    /// Why the last picture could not be sent; nil when it could.
    var error: CameraError? { state.withLock(\.error) }

    /// Begins to watch, with the next key frame.
    ///
    /// - Returns: The viewer, to be given to ``leave(_:_:)``; nil for a form that this stream does not have.
    func join(_ form: Form) -> LiveViewer? {
        guard let viewer = branches[form]?.add() else { return nil }
        // The first picture of a stream that begins is a key frame anyway.
        let running = state.withLock { state in
            state.asked = .now
            return state.stream
        }
        running?.requestKeyFrame()
        onChange()
        return viewer
    }

    /// Ceases to watch.
    func leave(_ viewer: LiveViewer, _ form: Form) {
        branches[form]?.remove(viewer)
        onChange()
    }

    /// Hands a picture of a feed to all who watch; what comes from a feed before its first key frame is left out.
    ///
    /// - Parameters:
    ///   - packet: The picture.
    ///   - stream: The feed's stream, with the picture's parameter sets where `isNew`.
    ///   - isNew: Whether it is the feed's first, or brings other parameter sets than those before.
    ///   - feed: Where it comes from.
    func take(_ packet: Packet, of stream: StreamDescription, isNew: Bool, from feed: LiveFeed) {
        let isWanted = state.withLock { state in
            let id = ObjectIdentifier(feed)
            let begins = packet.info.isKeyFrame && (state.feed != id || isNew)
            guard begins || state.feed == id else { return false }
            if begins { (state.feed, state.stream) = (id, stream) }
            let now = Timestamp.now
            var isWanted = false
            state.error = nil
            for branch in branches.values {
                do throws(CameraError) {
                    if try branch.take(packet, beginning: begins ? stream : nil) { isWanted = true }
                } catch {
                    state.error = error
                }
            }
            guard isWanted, state.asked.map({ now - $0 > Self.patience }) ?? true else { return false }
            state.asked = now
            return true
        }
        if isWanted { stream.requestKeyFrame() }
    }

    /// Forgets a feed that has ended: nobody is to wait for its key frames.
    func forget(_ feed: LiveFeed) {
        state.withLock { state in
            guard state.feed == ObjectIdentifier(feed) else { return }
            (state.feed, state.stream) = (nil, nil)
        }
    }

    /// Ends all who watch.
    func end() {
        for branch in branches.values { branch.end() }
    }
}
