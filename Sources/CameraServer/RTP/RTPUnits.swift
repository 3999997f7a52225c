// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore

/// Puts the units of H.264 (RFC 6184, packetization mode 1) and H.265 (RFC 7798) into packets.
struct RTPUnits {
    private let isH265: Bool
    /// What stands in front of each key frame.
    private let sets: [[UInt8]]

    init(_ sets: ParameterSets, isH265: Bool) {
        self.isH265 = isH265
        self.sets = sets.video + sets.sequence + sets.picture
    }

    /// Bytes of payload that a packet takes.
    private static let room = RTPPackets.limit - RTPPackets.headerByteCount

    /// Adds a picture; a key frame gets all parameter sets in front, also where the encoder told them once for all.
    func add(_ picture: UnsafeRawBufferPointer, isKey: Bool, to packets: inout RTPPackets) {
        if isKey { addSets(to: &packets) }
        UnitKind.forEachUnit(in: picture, isH265: isH265) { kind, unit in
            // The marker tells where a picture ends.
            if kind == .other { add(unit, to: &packets) }
        }
        packets.finish()
    }

    /// Adds the parameter sets in one packet, if they fit.
    private func addSets(to packets: inout RTPPackets) {
        let count = sets.reduce(headerByteCount) { $0 + 2 + $1.count }
        guard sets.count > 1, count <= Self.room else {
            for set in sets { set.withUnsafeBytes { add($0, to: &packets) } }
            return
        }
        var body: [UInt8] = []
        for set in sets {
            body += [UInt8(truncatingIfNeeded: set.count >> 8), UInt8(truncatingIfNeeded: set.count)]
            body += set
        }
        body.withUnsafeBytes { packets.add(aggregateHeader, $0) }
    }

    private var headerByteCount: Int { isH265 ? 2 : 1 }

    /// The header of a packet of several units: STAP-A with the importance of parameter sets (RFC 6184, 5.7.1), or an
    /// aggregation packet of the lowest layer (RFC 7798, 4.4.2).
    private var aggregateHeader: [UInt8] {
        if isH265 { return [48 << 1, 1] }
        return [0x60 | 24]
    }

    /// Adds a unit, in pieces where it is too long for one packet (FU-A: RFC 6184, 5.8; FU: RFC 7798, 4.4.3).
    private func add(_ unit: UnsafeRawBufferPointer, to packets: inout RTPPackets) {
        guard unit.count > Self.room else { return packets.add([], unit) }
        var rest = UnsafeRawBufferPointer(rebasing: unit[headerByteCount...])
        let type: UInt8 = isH265 ? unit[0] >> 1 & 63 : unit[0] & 31
        let indicator: [UInt8]
        if isH265 {
            indicator = [unit[0] & 0x81 | 49 << 1, unit[1]]
        } else {
            indicator = [unit[0] & 0xE0 | 28]
        }
        let room = Self.room - indicator.count - 1
        var flags: UInt8 = 0x80
        while !rest.isEmpty {
            let piece = rest.prefix(room)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(room))
            if rest.isEmpty { flags |= 0x40 }
            packets.add(indicator + [flags | type], UnsafeRawBufferPointer(rebasing: piece))
            flags = 0
        }
    }
}
