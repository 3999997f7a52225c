// SPDX-License-Identifier: MIT

internal import CameraCore

/// What sender and receiver of a session tell each other (RFC 3550, 6).
enum RTCP {
    /// What a sender tells of itself.
    struct Sender {
        /// Who sends the packets.
        let source: UInt32
        /// The present moment on the sensor's clock: in civil time, and in ticks.
        let wallTime: WallTime
        let time: UInt32
        /// Packets that were sent, and bytes of their payload.
        let packets: UInt32
        let bytes: UInt32
    }

    /// What a receiver tells of what it got.
    struct Reception: Equatable {
        /// The part of the packets that was lost since its report before, in 256ths.
        let fractionLost: UInt8
        /// Packets lost since the beginning; below zero for packets that came twice.
        let lost: Int
        /// The variation of the time from packet to packet, in ticks.
        let jitter: UInt32
    }

    /// A sender's report with its name, and its farewell where `isLast`.
    static func report(_ sender: Sender, isLast: Bool) -> [UInt8] {
        var bytes = packet(type: 200, count: 0) { body in
            put(sender.source, into: &body)
            let time = sender.wallTime.parts
            // From 1900, as NTP counts.
            put(UInt32(truncatingIfNeeded: time.seconds + 2_208_988_800), into: &body)
            put(UInt32(truncatingIfNeeded: (time.nanoseconds << 32) / 1_000_000_000), into: &body)
            put(sender.time, into: &body)
            put(sender.packets, into: &body)
            put(sender.bytes, into: &body)
        }
        bytes += packet(type: 202, count: 1) { body in
            put(sender.source, into: &body)
            let name = Array("camera-\(sender.source)".utf8)
            // The name that stays the same for a source (6.5.1), and the end of the list.
            body += [1, UInt8(name.count)] + name + [0]
            body += [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
        }
        if isLast { bytes += packet(type: 203, count: 1) { put(sender.source, into: &$0) } }
        return bytes
    }

    /// Reads what a receiver sent.
    ///
    /// - Returns: What it tells of the packets that it got; empty where it tells nothing; nil for what is not RTCP.
    static func receptions(in bytes: ArraySlice<UInt8>) -> [Reception]? {
        var rest = bytes
        var found: [Reception] = []
        repeat {
            guard rest.count >= 4, let head = rest.first, head >> 6 == 2 else { return nil }
            let words = rest.dropFirst(2).prefix(2).reduce(0) { $0 << 8 | Int($1) }
            let whole = rest.prefix(4 * words + 4)
            guard whole.count == 4 * words + 4 else { return nil }
            let type = rest[rest.startIndex + 1]
            // Behind the sender of the report, and what a sender's report tells before.
            if type == 200 || type == 201 {
                let blocks = whole.dropFirst(type == 200 ? 28 : 8)
                let count = Int(head & 31)
                guard blocks.count >= 24 * count else { return nil }
                for index in 0..<count {
                    found.append(Reception(Array(blocks.dropFirst(24 * index).prefix(24))))
                }
            }
            rest = rest.dropFirst(whole.count)
        } while !rest.isEmpty
        return found
    }

    private static func packet(type: UInt8, count: UInt8, _ fill: (inout [UInt8]) -> Void) -> [UInt8] {
        var body: [UInt8] = []
        fill(&body)
        let words = body.count / 4
        return [0x80 | count, type, UInt8(truncatingIfNeeded: words >> 8), UInt8(truncatingIfNeeded: words)] + body
    }

    private static func put(_ value: UInt32, into bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    fileprivate static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}

extension RTCP.Reception {
    /// Reads a block of a report (RFC 3550, 6.4.1).
    fileprivate init(_ block: [UInt8]) {
        fractionLost = block[4]
        // 24 bits with a sign.
        lost = Int(Int32(bitPattern: RTCP.number(block[5..<8]) << 8) >> 8)
        jitter = RTCP.number(block[12..<16])
    }
}
