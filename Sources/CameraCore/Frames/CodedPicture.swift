// SPDX-License-Identifier: MIT

internal import Glibc

/// The contents of an H.264 or H.265 picture up to its first slice, read from a byte stream (annex B of both).
package struct CodedPicture: Hashable, Sendable {
    /// Which earlier pictures the picture needs.
    ///
    /// Decoding can start at an IDR picture of H.264, an IRAP picture (IDR, BLA or CRA)
    /// of H.265, and at those of both that a message calls a recovery point: intra refresh, and I pictures of open groups.
    package let lineage: Lineage
    /// Whether there is a picture; drivers may send parameter sets by themselves.
    package let hasSlice: Bool
    /// Bytes in front of the first slice when parameter sets are among them; 0 when there are none.
    package let headerByteCount: Int
    /// Where the parameter sets lie, start codes included.
    package let parameterSets: [Range<Int>]
    /// Where missing parameter sets must be put: behind the access unit delimiter, if there is one.
    package let insertionPoint: Int

    /// Reads the units up to the first slice; nil when the bytes are no byte stream.
    ///
    /// - Parameters:
    ///   - bytes: An access unit.
    ///   - isH265: Whether it is one of H.265.
    package init?(_ bytes: UnsafeRawBufferPointer, isH265: Bool) {
        var sets: [Range<Int>] = []
        var hasSequenceSet = false
        var insertionPoint = 0
        var lineage = Lineage.trailing
        var isRecoveryPoint = false
        var sliceStart: Int?
        var unit = Self.nextUnit(in: bytes, from: 0)
        // Nothing but zeros may be in front of the first start code (B.1.1).
        guard let first = unit, bytes[..<first.start].allSatisfy({ $0 == 0 }) else { return nil }
        while let (start, payload) = unit {
            guard payload < bytes.count else { return nil }
            let kind = Kind(header: bytes[payload], isH265: isH265)
            if case .slice(let found) = kind {
                let isH264Picture = !isH265 && found == .trailing
                lineage = isH264Picture ? Self.lineage(ofSlice: bytes[payload...], isRecoveryPoint) : found
                if isH265, isRecoveryPoint, found == .trailing { lineage = .start(isOpen: false) }
                sliceStart = start
                break
            }
            unit = Self.nextUnit(in: bytes, from: payload)
            let end = unit?.start ?? bytes.count
            if case .messages = kind {
                var reader = UnitReader(bytes[min(payload + (isH265 ? 2 : 1), end)..<end])
                if reader.hasMessage(ofType: Self.recoveryPoint) { isRecoveryPoint = true }
            }
            switch kind {
            case .sequenceSet:
                hasSequenceSet = true
                sets.append(start..<end)
            case .otherSet: sets.append(start..<end)
            case .delimiter: insertionPoint = end
            case .slice, .messages, .other: break
            }
        }
        self.lineage = lineage
        hasSlice = sliceStart != nil
        headerByteCount = hasSequenceSet ? sliceStart ?? bytes.count : 0
        parameterSets = sets
        self.insertionPoint = insertionPoint
    }

    /// Whether decoding can start here.
    package var isKeyFrame: Bool {
        if case .start = lineage { true } else { false }
    }

    /// The type of the message that tells of a recovery point (H.264: D.1.8; H.265: D.2.8).
    private static let recoveryPoint = 6

    /// Which earlier pictures an H.264 picture other than an IDR picture needs, by its first slice (7.3.3).
    ///
    /// B pictures right behind a recovery point are shown before it, as far as its encoder orders them at all.
    private static func lineage(ofSlice unit: Slice<UnsafeRawBufferPointer>, _ isRecoveryPoint: Bool) -> Lineage {
        if isRecoveryPoint { return .start(isOpen: true) }
        var reader = UnitReader(unit.dropFirst())
        guard reader.number() != nil, let type = reader.number() else { return .trailing }
        return type % 5 == 1 ? .leading(needsEarlier: true) : .trailing
    }

    /// What a unit holds (H.264: table 7-1; H.265: table 7-1).
    private enum Kind {
        case slice(Lineage)
        case messages
        case sequenceSet
        case otherSet
        case delimiter
        case other

        init(header: UInt8, isH265: Bool) {
            if isH265 {
                switch header >> 1 & 63 {
                case 16, 21: self = .slice(.start(isOpen: true))
                case 17...20: self = .slice(.start(isOpen: false))
                case 6, 7: self = .slice(.leading(needsEarlier: false))
                case 8, 9: self = .slice(.leading(needsEarlier: true))
                case 0...31: self = .slice(.trailing)
                case 33: self = .sequenceSet
                case 32, 34: self = .otherSet
                case 35: self = .delimiter
                case 39: self = .messages
                default: self = .other
                }
            } else {
                switch header & 31 {
                case 5: self = .slice(.start(isOpen: false))
                case 1...4: self = .slice(.trailing)
                case 6: self = .messages
                case 7: self = .sequenceSet
                case 8, 13, 15: self = .otherSet
                case 9: self = .delimiter
                default: self = .other
                }
            }
        }
    }

    /// The next unit: where its start code begins, with the zero that may be in front, and where its first byte is.
    package static func nextUnit(in bytes: UnsafeRawBufferPointer, from start: Int) -> (start: Int, payload: Int)? {
        guard let base = bytes.baseAddress else { return nil }
        // The C library looks for the one behind the zeros many bytes at a time.
        var index = start + 2
        while index < bytes.count, let found = memchr(base + index, 1, bytes.count - index) {
            let one = UnsafeRawPointer(found) - base
            if bytes[one - 1] == 0, bytes[one - 2] == 0 {
                let first = one - 2
                return (first > start && bytes[first - 1] == 0 ? first - 1 : first, one + 1)
            }
            index = one + 1
        }
        return nil
    }
}

extension Frame {
    /// The front of an H.264 or H.265 picture; nil for other formats, and for data that is no byte stream.
    package var codedPicture: CodedPicture? {
        guard format.isInterCoded else { return nil }
        let plane = plane(0)
        return CodedPicture(
            UnsafeRawBufferPointer(start: plane.baseAddress, count: plane.byteCount), isH265: format == .h265)
    }

    /// Which earlier pictures this one needs; none in formats other than H.264 and H.265.
    package var lineage: Lineage {
        format.isInterCoded ? codedPicture?.lineage ?? .trailing : .start(isOpen: false)
    }

    /// Whether decoding can start at this picture; true in all formats but H.264 and H.265.
    public var isKeyFrame: Bool {
        if case .start = lineage { true } else { false }
    }
}
