// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// What a client has set up: a stream, and a way to send it.
///
/// Phases: ready, playing (it has a player).
struct RTSPSession {
    let id: String
    let path: String
    let stream: LiveStream
    let transport: any RTPTransport
    var player: RTPPlayer?

    /// The name of a session, which nobody should guess (RFC 2326, 3.4).
    static func newID() -> String { MessageDigest.hex((0..<8).map { _ in UInt8.random(in: 0...255) }) }

    /// Ceases to send, and frees the transport.
    func end(saysGoodbye: Bool) async {
        await player?.stop(saysGoodbye: saysGoodbye)
        await transport.close()
    }
}

/// Takes what a client tells of what it gets: it is there, and how much was lost.
final class ClientReports: Sendable {
    private let activity: RTSPActivity
    private let counts: RTSPCounts
    private let lost = Mutex(0)

    init(_ activity: RTSPActivity, _ counts: RTSPCounts) {
        self.activity = activity
        self.counts = counts
    }

    /// Takes a datagram, or what came within the connection; what is no report is left out.
    func take(_ bytes: ArraySlice<UInt8>) {
        guard let receptions = RTCP.receptions(in: bytes) else { return }
        activity.note()
        guard let last = receptions.last else { return }
        let more = lost.withLock { lost in
            defer { lost = max(last.lost, lost) }
            return max(last.lost - lost, 0)
        }
        if more > 0 { counts.change { $0.lostPackets += more } }
    }
}
