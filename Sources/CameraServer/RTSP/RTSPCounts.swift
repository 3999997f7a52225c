// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// What the server has done, for those who watch over it.
package final class RTSPCounts: Sendable {
    package struct Values: Equatable, Sendable {
        /// Clients that are sent pictures now.
        package var players = 0
        /// Sessions that were set up.
        package var sessions = 0
        /// Packets that were sent to all clients, and bytes of their payload.
        package var packets = 0
        package var bytes = 0
        /// Pictures that clients were too slow for.
        package var droppedPictures = 0
        /// Packets that clients told to have been lost on the way.
        package var lostPackets = 0
        /// Requests with wrong credentials.
        package var refusals = 0
        /// Requests that were none.
        package var malformedRequests = 0

        package init() {}
    }

    private let state = Mutex(Values())

    package var values: Values { state.withLock(\.self) }

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
