// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// The latest pictures of a stream, within bounds; whole ones, the oldest forgotten first.
struct PacketRing: Sendable {
    /// Where a stretch of pictures begins that ends with the newest.
    enum Start {
        case oldest
        case last(CircularOutput.Extent)
        /// With what was exposed at a moment, or before it.
        case moment(Timestamp)
    }

    private let limit: CircularOutput.Extent
    private let byteLimit: Int
    private var packets = Deque<Packet>()
    /// How many pictures were forgotten, and which of those that are kept are key frames, counted with them.
    private var forgottenCount = 0
    private var keyNumbers = Deque<Int>()
    private(set) var byteCount = 0
    /// Whether pictures were forgotten that are within the limit: the bytes were too many.
    private(set) var isFull = false

    /// Makes an empty ring.
    init(_ limit: CircularOutput.Extent, byteLimit: Int) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    /// The newest picture.
    var newest: PacketInfo? { packets.last?.info }

    /// Takes a picture.
    ///
    /// - Returns: What it forgets for that; the caller lets go of it outside of any lock.
    mutating func append(_ packet: Packet) -> [Packet] {
        if packet.info.isKeyFrame { keyNumbers.append(forgottenCount + packets.count) }
        packets.append(packet)
        byteCount += packet.bytes.count
        var forgotten: [Packet] = []
        while let next = nextKeyFrame, reaches(limit, from: next) {
            for _ in 0..<next { forgetOldest(into: &forgotten) }
        }
        while !packets.isEmpty, isBeyondLimit || byteCount > byteLimit {
            if !isBeyondLimit { isFull = true }
            forgetOldest(into: &forgotten)
        }
        return forgotten
    }

    /// The place of the oldest key frame that is not the first picture.
    private var nextKeyFrame: Int? {
        keyNumbers.prefix(2).first { $0 > forgottenCount }.map { $0 - forgottenCount }
    }

    /// Whether there are more bytes than a limit of bytes allows.
    private var isBeyondLimit: Bool {
        if case .bytes(let count) = limit { byteCount > count } else { false }
    }

    private mutating func forgetOldest(into forgotten: inout [Packet]) {
        let oldest = packets.removeFirst()
        if keyNumbers.first == forgottenCount { keyNumbers.removeFirst() }
        forgottenCount += 1
        byteCount -= oldest.bytes.count
        forgotten.append(oldest)
    }

    /// Whether the pictures from a place on are all that an extent asks for; those of one in bytes never are.
    ///
    /// Time counts back from when the newest is decoded: all that is shown before is there, and nobody has told of a later one.
    private func reaches(_ extent: CircularOutput.Extent, from index: Int) -> Bool {
        guard let newest else { return false }
        return switch extent {
        case .time(let duration): newest.decodeTimestamp - packets[index].info.timestamp >= duration
        case .frames(let count): packets.count - index >= count
        case .bytes: false
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

    /// The pictures from one of the given type on: the newest with which all that is asked for is there, or else the oldest.
    ///
    /// - Parameters:
    ///   - start: What is asked for.
    ///   - type: The type of the first picture; nil for any.
    /// - Returns: The pictures to the newest one; empty when there is none to start with.
    func packets(from start: Start, startingWith type: FrameType?) -> [Packet] {
        let bound =
            if case .last(.bytes(let count)) = start { indexOfLast(bytes: count) } else { packets.startIndex }
        let candidates = packets[bound...]
        func isCandidate(_ index: Int) -> Bool { type == nil || packets[index].info.type == type }
        let found =
            candidates.indices.last { isCandidate($0) && isEnough(start, from: $0) }
            ?? candidates.indices.first(where: isCandidate)
        guard let found else { return [] }
        guard type == .key else { return Array(packets[found...]) }
        var filter = StartFilter()
        filter.begin(with: packets[found].info.lineage)
        return [packets[found]] + packets[(found + 1)...].filter { filter.admits($0.info.lineage) }
    }

    private func isEnough(_ start: Start, from index: Int) -> Bool {
        switch start {
        case .oldest: false
        case .last(let extent): reaches(extent, from: index)
        case .moment(let moment): packets[index].info.sensorTime <= moment
        }
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
