// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// The live pictures of a camera in one format, for however many watch: one encode, and none while nobody does.
///
/// Pictures come from a ``LiveFeed``, an output of a recording. When another feed takes over, such as that of a recording to a
/// file that was started meanwhile, it does so with its first key frame, and those who watch lose no picture.
final class LiveStream: Sendable {
    /// The forms in which pictures are sent.
    enum Form {
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
        /// The feed whose pictures are shown; as all feeds here by its identity, so that none is kept alive.
        var feed: ObjectIdentifier?
        var stream: StreamDescription?
        /// When the last picture that was shown was taken.
        var shown: Timestamp?
        /// When the last key frame that was shown was taken.
        var keyed: Timestamp?
        var handover: Handover?
        /// When the recording was asked for a key frame last.
        var asked: Timestamp?
        var error: CameraError?
    }

    /// A feed that is going to take over from another one.
    ///
    /// The pictures of the present one are held until the new one's first key frame is there, since only then it is known which
    /// of them come before it.
    private struct Handover {
        let feed: ObjectIdentifier
        var held: [Packet] = []
        let begun = Timestamp.now

        /// Whether it takes so long that what is held is shown, at the price of pictures that are missing or come twice.
        var isOver: Bool { .now - begun > .seconds(1) }
    }

    /// Key frames are asked for at most so often, however many want one.
    private static let patience = Duration.milliseconds(400)
    /// While somebody watches, one is asked for at least so often: recorders that read the stream cut their files there, and who
    /// has lost a datagram sees rightly again.
    private static let keyInterval = Duration.seconds(4)

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

    /// Makes ready for a feed, which takes over with its first key frame.
    func expect(_ feed: LiveFeed) {
        state.withLock { state in
            if state.feed != nil, state.handover == nil { state.handover = Handover(feed: ObjectIdentifier(feed)) }
        }
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
            var isWanted = false
            if state.feed == id {
                if state.handover?.isOver == false {
                    state.handover?.held.append(packet)
                } else {
                    isWanted = showHeld(before: nil, &state)
                    if show(packet, beginning: isNew ? stream : nil, &state) { isWanted = true }
                }
            } else if packet.info.isKeyFrame, state.feed == nil || state.handover?.feed == id {
                if state.handover?.isOver == false, let shown = state.shown, packet.info.sensorTime <= shown {
                    // It is one that was shown already; the next key frame is not.
                    isWanted = true
                } else {
                    _ = showHeld(before: packet.info.sensorTime, &state)
                    (state.feed, state.stream, state.handover) = (id, stream, nil)
                    isWanted = show(packet, beginning: stream, &state)
                }
            }
            guard isWanted, state.asked.map({ .now - $0 > Self.patience }) ?? true else { return false }
            state.asked = .now
            return true
        }
        if isWanted { stream.requestKeyFrame() }
    }

    /// Shows what is held of the present feed, up to a moment; whether a key frame is wanted.
    private func showHeld(before moment: Timestamp?, _ state: inout State) -> Bool {
        var isWanted = false
        for packet in state.handover?.held ?? [] {
            if let moment, packet.info.sensorTime >= moment { continue }
            if show(packet, beginning: nil, &state) { isWanted = true }
        }
        state.handover?.held = []
        return isWanted
    }

    /// Hands a picture to all who watch; whether a key frame is wanted.
    private func show(_ packet: Packet, beginning stream: StreamDescription?, _ state: inout State) -> Bool {
        if let stream { state.stream = stream }
        state.shown = packet.info.sensorTime
        state.error = nil
        if packet.info.isKeyFrame { state.keyed = packet.info.sensorTime }
        var isWanted = viewerCount > 0 && state.keyed.map { packet.info.sensorTime - $0 >= Self.keyInterval } ?? false
        for branch in branches.values {
            do throws(CameraError) {
                if try branch.take(packet, beginning: stream) { isWanted = true }
            } catch {
                state.error = error
            }
        }
        return isWanted
    }

    /// Forgets a feed that has ended: nobody is to wait for its key frames.
    func forget(_ feed: LiveFeed) {
        state.withLock { state in
            let id = ObjectIdentifier(feed)
            if state.handover?.feed == id || state.feed == id {
                _ = showHeld(before: nil, &state)
                state.handover = nil
            }
            if state.feed == id { (state.feed, state.stream) = (nil, nil) }
        }
    }

    /// Ends all who watch.
    func end() {
        for branch in branches.values { branch.end() }
    }
}
