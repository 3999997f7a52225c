// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// The latest pictures of a stream, within bounds; whole ones, the oldest forgotten first.
struct PacketRing: Sendable {
    private let limit: CircularOutput.Extent
    private let byteLimit: Int
    private var packets = Deque<Packet>()
    private var latest = Duration.zero
    private(set) var byteCount = 0
    /// Whether pictures were forgotten that are within the limit: the bytes were too many.
    private(set) var isFull = false

    /// Makes an empty ring.
    init(_ limit: CircularOutput.Extent, byteLimit: Int) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    /// Takes a picture.
    ///
    /// - Returns: What it forgets for that; the caller lets go of it outside of any lock.
    mutating func append(_ packet: Packet) -> [Packet] {
        latest = packets.isEmpty ? packet.info.timestamp : max(latest, packet.info.timestamp)
        packets.append(packet)
        byteCount += packet.bytes.count
        var forgotten: [Packet] = []
        while isBeyondLimit || byteCount > byteLimit, let oldest = packets.first {
            if !isBeyondLimit { isFull = true }
            packets.removeFirst()
            byteCount -= oldest.bytes.count
            forgotten.append(oldest)
        }
        return forgotten
    }

    private var isBeyondLimit: Bool {
        guard let oldest = packets.first else { return false }
        return switch limit {
        case .time(let duration): latest - oldest.info.timestamp > duration
        case .frames(let count): packets.count > count
        case .bytes(let count): byteCount > count
        }
    }

    /// The pictures with their places, the oldest first.
    var frames: [CircularFrame] {
        var position = 0
        return packets.map { packet in
            defer { position += packet.bytes.count }
            return CircularFrame(info: packet.info, byteCount: packet.bytes.count, position: position)
        }
    }

    /// The pictures from the oldest of the given type on that lies within the extent.
    ///
    /// - Parameters:
    ///   - extent: How far back to go from the newest; nil for all.
    ///   - type: The type of the first picture; nil for any.
    /// - Returns: The pictures to the newest one; empty when there is none to start with.
    func packets(last extent: CircularOutput.Extent?, startingWith type: FrameType?) -> [Packet] {
        let bound =
            switch extent {
            case nil: 0
            case .time(let duration): packets.firstIndex { latest - $0.info.timestamp <= duration } ?? packets.count
            case .frames(let count): packets.count - min(max(count, 0), packets.count)
            case .bytes(let count): indexOfLast(bytes: count)
            }
        let found = packets[bound...].drop { type != nil && $0.info.type != type }
        guard type == .key, let first = found.first else { return Array(found) }
        var filter = StartFilter()
        filter.begin(with: first.info.lineage)
        return [first] + found.dropFirst().filter { filter.admits($0.info.lineage) }
    }

    /// Where the newest pictures begin that have at most `count` bytes together.
    private func indexOfLast(bytes count: Int) -> Int {
        var rest = count
        var index = packets.count
        while index > 0, packets[index - 1].bytes.count <= rest {
            index -= 1
            rest -= packets[index].bytes.count
        }
        return index
    }
}
