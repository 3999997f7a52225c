// SPDX-License-Identifier: MIT

/// A picture in the byte stream of a scripted encoder: the units of H.264 with words instead of a picture.
///
/// The words tell what a real decoder would need to know, so that tests can judge whether a stream can be decoded.
package struct ScriptedPicture: Hashable, Sendable {
    /// The number that the frame carried in its first bytes.
    package var frame = 0
    /// Which picture of the encoder it is, in decoding order.
    package var serial = 0
    /// The serial numbers of the pictures that it needs; empty for a key frame.
    package var references: [Int] = []
    /// The bit rate that the encoder had.
    package var bitRate: Int64 = 0
    /// The profile and level in the parameter sets in front; nil where there are none.
    package var parameters: String?
    /// The pieces that were found of it, and those that it has.
    package var pieces = 1
    package var pieceCount = 1

    /// A unit with a start code of four bytes.
    static func unit(_ header: UInt8, _ words: String, padding: Int = 0) -> [UInt8] {
        [0, 0, 0, 1, header] + Array(words.utf8) + Array(repeating: UInt8(ascii: "."), count: padding)
    }

    /// The parameter sets of a stream.
    static func parameterSets(_ words: String) -> [UInt8] { unit(0x67, words) + unit(0x68, "pps") }

    /// A piece of the picture.
    func piece(_ number: Int, byteCount: Int) -> [UInt8] {
        let header: UInt8 = references.isEmpty ? 0x65 : 0x41
        let list = references.map(String.init).joined(separator: ",")
        let words = "frame=\(frame);serial=\(serial);refs=\(list);rate=\(bitRate);piece=\(number)/\(pieceCount);"
        return Self.unit(header, words, padding: max(byteCount - words.utf8.count - 5, 0))
    }

    /// Reads a packet; nil when it is none of a scripted encoder.
    package init?(_ packet: [UInt8]) {
        pieces = 0
        var hasPicture = false
        for unit in Self.units(packet) {
            let words = String(decoding: unit.dropFirst().prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)
            switch unit.first {
            case 0x67: parameters = words
            case 0x65, 0x41:
                hasPicture = true
                pieces += 1
                let fields = Dictionary(
                    words.split(separator: ";").map { field in
                        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        return (String(parts[0]), String(parts.count > 1 ? parts[1] : ""))
                    }, uniquingKeysWith: { $1 })
                frame = fields["frame"].flatMap { Int($0) } ?? -1
                serial = fields["serial"].flatMap { Int($0) } ?? -1
                references = fields["refs"]?.split(separator: ",").compactMap { Int($0) } ?? []
                bitRate = fields["rate"].flatMap { Int64($0) } ?? -1
                pieceCount = fields["piece"]?.split(separator: "/").last.flatMap { Int($0) } ?? -1
            default: break
            }
        }
        guard hasPicture else { return nil }
    }

    init(frame: Int, serial: Int, references: [Int], bitRate: Int64, pieceCount: Int) {
        self.frame = frame
        self.serial = serial
        self.references = references
        self.bitRate = bitRate
        self.pieceCount = pieceCount
    }

    /// The units of a packet, without their start codes.
    private static func units(_ bytes: [UInt8]) -> [[UInt8]] {
        var units: [[UInt8]] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: [0, 0, 0, 1]) {
                units.append([])
                index += 4
            } else {
                if !units.isEmpty { units[units.count - 1].append(bytes[index]) }
                index += 1
            }
        }
        return units
    }

    /// What a decoder would complain about in a stream: pictures that are not whole, or that need what is not there.
    package static func faults(in packets: [[UInt8]]) -> [String] {
        var known: Set<Int> = []
        var faults: [String] = []
        for (number, packet) in packets.enumerated() {
            guard let picture = ScriptedPicture(packet) else {
                faults.append("packet \(number) has no picture")
                continue
            }
            if picture.pieces != picture.pieceCount {
                faults.append("packet \(number) has \(picture.pieces) of \(picture.pieceCount) pieces")
            }
            if picture.references.isEmpty { known = [] }
            let missing = picture.references.filter { !known.contains($0) }
            if !missing.isEmpty { faults.append("packet \(number) needs \(missing), which a decoder does not have") }
            known.insert(picture.serial)
        }
        return faults
    }
}
