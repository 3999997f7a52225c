// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// What the server has done, for those who watch over it.
final class RTSPCounts: Sendable {
    struct Values: Sendable {
        /// Clients that are sent pictures now.
        var players = 0
        /// Sessions that were set up.
        var sessions = 0
        /// Packets that were sent to all clients, and bytes of their payload.
        var packets = 0
        var bytes = 0
        /// Pictures that clients were too slow for.
        var droppedPictures = 0
        /// Packets that clients told to have been lost on the way.
        var lostPackets = 0
        /// Requests with wrong credentials.
        var refusals = 0
        /// Requests that were none.
        var malformedRequests = 0
    }

    private let state = Mutex(Values())

    var values: Values { state.withLock(\.self) }

    func change(_ body: (inout Values) -> Void) { state.withLock { body(&$0) } }
}

/// When a client was last heard of.
final class RTSPActivity: Sendable {
    private let last = Atomic(Timestamp.now.nanoseconds)

    /// Notes that the client is there.
    func note() { last.store(Timestamp.now.nanoseconds, ordering: .relaxed) }

    /// The moment.
    var moment: Timestamp { Timestamp(nanoseconds: last.load(ordering: .relaxed)) }
}
