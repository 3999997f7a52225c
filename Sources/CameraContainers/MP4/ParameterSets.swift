// SPDX-License-Identifier: MIT

internal import CameraCore

/// The parameter sets of a stream of H.264 or H.265, sorted for the description of a track.
package struct ParameterSets: Equatable {
    let isH265: Bool
    package private(set) var video: [[UInt8]] = []
    package private(set) var sequence: [[UInt8]] = []
    package private(set) var picture: [[UInt8]] = []

    /// Finds the sets in a byte stream.
    package init(in bytes: UnsafeRawBufferPointer, isH265: Bool) {
        self.isH265 = isH265
        var (video, sequence, picture) = (video, sequence, picture)
        UnitKind.forEachUnit(in: bytes, isH265: isH265) { kind, unit in
            switch kind {
            case .videoParameterSet: if !video.contains(Array(unit)) { video.append(Array(unit)) }
            case .sequenceParameterSet: if !sequence.contains(Array(unit)) { sequence.append(Array(unit)) }
            case .pictureParameterSet: if !picture.contains(Array(unit)) { picture.append(Array(unit)) }
            case .delimiter, .other: break
            }
        }
        (self.video, self.sequence, self.picture) = (video, sequence, picture)
    }

    /// Whether a decoder has all that it needs.
    package var isComplete: Bool { !sequence.isEmpty && !picture.isEmpty && (!isH265 || !video.isEmpty) }

    /// Whether a unit is one of the sets.
    func contains(_ unit: UnsafeRawBufferPointer) -> Bool {
        [video, sequence, picture].contains { sets in sets.contains { $0.elementsEqual(unit) } }
    }

    /// The content of an `avcC` or `hvcC` box (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1); nil for sets that cannot be read.
    var configuration: [UInt8]? {
        guard isComplete, let first = sequence.first else { return nil }
        return isH265 ? configurationH265(first) : configurationH264(first)
    }

    /// The codec in a browser's words (RFC 6381; ISO/IEC 14496-15, annex E): "avc1.42C01F"; nil for sets that cannot be read.
    package var codecName: String? {
        guard let configuration else { return nil }
        guard isH265 else { return "avc1." + Self.hexadecimal(configuration[1..<4]) }
        let general = configuration[1]
        let space = ["", "A", "B", "C"][Int(general >> 6)]
        let compatibility = configuration[2..<6].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }.bitReversed
        let constraints = configuration[6..<12]
        let told = constraints[..<((constraints.lastIndex { $0 != 0 } ?? constraints.startIndex - 1) + 1)]
        let tier = general & 0x20 == 0 ? "L" : "H"
        let parts = [
            "hvc1", "\(space)\(general & 0x1F)", String(compatibility, radix: 16, uppercase: true),
            "\(tier)\(configuration[12])",
        ]
        return (parts + told.map { String($0, radix: 16, uppercase: true) }).joined(separator: ".")
    }

    private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    // MARK: H.264

    private func configurationH264(_ first: [UInt8]) -> [UInt8]? {
        guard first.count >= 4, sequence.count < 32, picture.count < 256 else { return nil }
        var box = BoxBytes()
        box.put(UInt8(1))
        // Profile, constraints and level are the bytes behind the unit's header.
        box.put(contentsOf: first[1..<4])
        // Lengths of four bytes; the other bits are ones.
        box.put(UInt8(0xFF))
        box.put(0xE0 | UInt8(sequence.count))
        put(sequence, into: &box)
        box.put(UInt8(picture.count))
        put(picture, into: &box)
        if Self.highProfiles.contains(first[1]) {
            guard let depths = Self.depthsH264(first) else { return nil }
            box.put(0xFC | UInt8(clamping: depths.chroma))
            box.put(0xF8 | UInt8(clamping: depths.luma))
            box.put(0xF8 | UInt8(clamping: depths.chromaBits))
            box.put(UInt8(0))
        }
        return box.bytes
    }

    /// Profiles whose sequence parameter sets tell the chroma format (H.264, 7.3.2.1.1).
    private static let highProfiles: Set<UInt8> = [100, 110, 122, 144, 244]

    /// The chroma format and the bits of luma and chroma beyond eight.
    private static func depthsH264(_ set: [UInt8]) -> (chroma: Int, luma: Int, chromaBits: Int)? {
        set.withUnsafeBytes { bytes in
            // Behind the header and three bytes of profile and level.
            var reader = UnitReader(bytes[4...])
            guard reader.number() != nil, let chroma = reader.number(), chroma <= 3 else { return nil }
            if chroma == 3 { _ = reader.bits(1) }
            guard let luma = reader.number(), let chromaBits = reader.number() else { return nil }
            return (chroma, luma & 7, chromaBits & 7)
        }
    }

    // MARK: H.265

    private func configurationH265(_ first: [UInt8]) -> [UInt8]? {
        guard let facts = Self.factsH265(first) else { return nil }
        var box = BoxBytes()
        box.put(UInt8(1))
        box.put(contentsOf: facts.profileTierLevel)
        // No spatial segmentation and no kind of parallel decoding is promised; the other bits are ones.
        box.put(UInt16(0xF000))
        box.put(UInt8(0xFC))
        box.put(0xFC | UInt8(clamping: facts.chroma))
        box.put(0xF8 | UInt8(clamping: facts.luma))
        box.put(0xF8 | UInt8(clamping: facts.chromaBits))
        // No average rate is told.
        box.put(UInt16(0))
        // Layers in time, whether they nest, and lengths of four bytes.
        box.put(UInt8(clamping: facts.layers) << 3 | (facts.areNested ? 4 : 0) | 3)
        box.put(UInt8(3))
        for (type, sets) in [(UInt8(32), video), (33, sequence), (34, picture)] {
            // All sets of this type are here.
            box.put(0x80 | type)
            box.put(UInt16(clamping: sets.count))
            put(sets, into: &box)
        }
        return box.bytes
    }

    private struct FactsH265 {
        var profileTierLevel: [UInt8] = []
        var layers = 1
        var areNested = false
        var chroma = 1
        var luma = 0
        var chromaBits = 0
    }

    /// What a sequence parameter set tells (H.265, 7.3.2.2.1).
    private static func factsH265(_ set: [UInt8]) -> FactsH265? {
        guard set.count > 3 else { return nil }
        return set.withUnsafeBytes { bytes in
            var reader = UnitReader(bytes[2...])
            var facts = FactsH265()
            guard reader.bits(4) != nil, let layers = reader.bits(3), let nested = reader.bits(1) else { return nil }
            (facts.layers, facts.areNested) = (layers + 1, nested == 1)
            for _ in 0..<12 {
                guard let byte = reader.bits(8) else { return nil }
                facts.profileTierLevel.append(UInt8(byte))
            }
            guard skipLayers(layers, &reader), reader.number() != nil, let chroma = reader.number(), chroma <= 3 else {
                return nil
            }
            if chroma == 3 { _ = reader.bits(1) }
            guard reader.number() != nil, reader.number() != nil, let isCropped = reader.bits(1) else { return nil }
            for _ in 0..<(isCropped == 1 ? 4 : 0) where reader.number() == nil { return nil }
            guard let luma = reader.number(), let chromaBits = reader.number() else { return nil }
            (facts.chroma, facts.luma, facts.chromaBits) = (chroma, luma & 7, chromaBits & 7)
            return facts
        }
    }

    /// Passes over the profiles and levels of the layers below the highest (7.3.3).
    private static func skipLayers(_ layers: Int, _ reader: inout UnitReader) -> Bool {
        guard layers > 0 else { return true }
        var present: [(profile: Bool, level: Bool)] = []
        for layer in 0..<8 {
            guard let profile = reader.bits(1), let level = reader.bits(1) else { return false }
            if layer < layers { present.append((profile == 1, level == 1)) }
        }
        for layer in present {
            for _ in 0..<((layer.profile ? 11 : 0) + (layer.level ? 1 : 0)) where reader.bits(8) == nil { return false }
        }
        return true
    }

    private func put(_ sets: [[UInt8]], into box: inout BoxBytes) {
        for set in sets {
            box.put(UInt16(clamping: set.count))
            box.put(contentsOf: set)
        }
    }
}

extension UInt32 {
    /// The bits in the opposite order.
    fileprivate var bitReversed: UInt32 {
        (0..<32).reduce(0) { $0 << 1 | (self >> UInt32($1)) & 1 }
    }
}
