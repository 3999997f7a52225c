// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// The queue between an encoder and its outputs, bounded in bytes and in time.
///
/// Full, it holds the encoder back.
final class PacketQueue: Sendable {
    /// A packet on its way to the outputs.
    struct Item {
        let packet: Packet
        /// When the frame came from the camera.
        let arrival: Timestamp
        /// The switch that has to be done before this packet is written.
        let ticket: SplitTicket?
        /// The record of the picture's motion vectors; nil where none are recorded.
        let motion: PacketBytes?

        /// Bytes that wait.
        var byteCount: Int { packet.bytes.count + (motion?.count ?? 0) }
    }

    /// What comes out of the queue.
    enum Entry {
        case packet(Item)
        /// All packets of the frames before the camera went away have come.
        case absence
        /// An output that was added is to be closed.
        case removal(OutputKey)

        /// Bytes that wait.
        var byteCount: Int { if case .packet(let item) = self { item.byteCount } else { 0 } }

        /// When the frame was exposed; nil where there is none.
        var time: Timestamp? { if case .packet(let item) = self { item.packet.info.sensorTime } else { nil } }
    }

    private struct State {
        var items = Deque<Entry>()
        var byteCount = 0
        var isClosed = false
        var isDiscarding = false
        var discarded = 0
    }

    private let state = Monitor(State())
    private let byteLimit: Int
    private let durationLimit: Duration

    init(byteLimit: Int, durationLimit: Duration) {
        self.byteLimit = byteLimit
        self.durationLimit = durationLimit
    }

    /// Packets that wait, and their bytes.
    var depth: (packets: Int, bytes: Int) { state.withLock { ($0.items.count, $0.byteCount) } }

    /// Packets that were thrown away.
    var discarded: Int { state.withLock { $0.discarded } }

    /// Adds a packet, and waits while the queue is full; or what is to be done between packets.
    ///
    /// After ``discard()`` the packet is counted and thrown away.
    func push(_ entry: Entry) {
        _ = state.waitAndUpdate { state -> Void? in
            if state.isDiscarding {
                if entry.time != nil { state.discarded += 1 }
                return ()
            }
            // What is no packet needs no room.
            if let time = entry.time, let oldest = state.items.first {
                let span = oldest.time.map { time - $0 } ?? .zero
                guard state.byteCount + entry.byteCount <= byteLimit, span <= durationLimit else { return nil }
            }
            state.items.append(entry)
            state.byteCount += entry.byteCount
            return ()
        }
    }

    /// Waits for the next packet, or for what is to be done before it; nil when the queue is closed and empty.
    func take() -> Entry? {
        let entry = state.waitAndUpdate { state -> Entry?? in
            guard let entry = state.items.popFirst() else { return state.isClosed ? .some(nil) : nil }
            state.byteCount -= entry.byteCount
            return .some(entry)
        }
        return entry ?? nil
    }

    /// Says that no more packets come.
    func close() {
        state.update { $0.isClosed = true }
    }

    /// Throws away what waits and whatever still comes, and counts it.
    func discard() {
        state.update { state in
            state.isDiscarding = true
            state.isClosed = true
            state.discarded += state.items.count { $0.time != nil }
            state.items.removeAll()
            state.byteCount = 0
        }
    }
}
