// SPDX-License-Identifier: MIT

#if Containers

/// Tells a transport stream's clock between pictures that are far apart.
///
/// The clock is to be told ten times a second (ISO/IEC 13818-1, 2.7.2). libavformat tells it with pictures alone, and
/// GStreamer's demuxer takes a longer silence for a break in the stream, which it shortens to half a second: the
/// pictures behind it would be shown too early. What is missing is written in front of a late picture, since only then
/// it is known how late that is.
struct TransportClock {
    private static let packetBytes = 188
    /// libavformat's number of the first track, whose packets carry the clock.
    private static let track = 0x100
    /// In the clock's ticks, 90000 a second.
    private static let interval = 9000
    /// The most packets in one place, 188 KB: a gap of more than 100 s, as in a time lapse, has them further apart.
    private static let limit = 1000

    /// What the clock was; it has 33 bits.
    private var last: Int?
    /// The number of the track's last packet with a part of a picture; those without one repeat it (2.4.3.3).
    private var counter: UInt8 = 0

    /// The packets that belong in front of those of the next picture.
    mutating func packets(before piece: [UInt8]) -> [UInt8] {
        var missing: [UInt8] = []
        if let now = Self.clock(in: piece) {
            if let last {
                let gap = (now - last) & 0x1_FFFF_FFFF
                let count = min((gap - 1) / Self.interval, Self.limit)
                for place in stride(from: 1, through: count, by: 1) {
                    missing += packet((last + gap * place / (count + 1)) & 0x1_FFFF_FFFF)
                }
            }
            last = now
        }
        // The picture's packets are the last ones of the piece.
        if piece.count >= Self.packetBytes { counter = piece[piece.count - Self.packetBytes + 3] & 0x0F }
        return missing
    }

    /// What the clock is at a picture; nil where its packets do not tell.
    private static func clock(in piece: [UInt8]) -> Int? {
        for start in stride(from: 0, through: piece.count - packetBytes, by: packetBytes) {
            let number = Int(piece[start + 1] & 0x1F) << 8 | Int(piece[start + 2])
            guard number == track else { continue }
            // Only the first one of a picture may tell it: in an adaptation field of six bytes and its flags.
            let hasField = piece[start + 3] & 0x20 != 0 && piece[start + 4] >= 7
            guard hasField, piece[start + 5] & 0x10 != 0 else { return nil }
            let high = piece[start + 6..<start + 10].reduce(0) { $0 << 8 | Int($1) }
            return high << 1 | Int(piece[start + 10] >> 7)
        }
        return nil
    }

    /// A packet that has nothing but the clock (2.4.3.4).
    private func packet(_ time: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x47, UInt8(Self.track >> 8), UInt8(Self.track & 0xFF), 0x20 | counter]
        bytes += [UInt8(Self.packetBytes - 5), 0x10]
        bytes += [25, 17, 9, 1].map { UInt8(truncatingIfNeeded: time >> $0) }
        // The last bit, six reserved ones, and no parts of a tick.
        bytes += [UInt8(time & 1) << 7 | 0x7E, 0]
        return bytes + repeatElement(0xFF, count: Self.packetBytes - bytes.count)
    }
}

#endif
