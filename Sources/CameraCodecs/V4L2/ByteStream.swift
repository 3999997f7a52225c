// SPDX-License-Identifier: MIT

internal import CameraCore

/// Where the units of a byte stream (annex B of H.264 and H.265) lie, and what matters of them.
struct ByteStream {
    /// What a unit is for.
    enum Role {
        /// A part of a picture.
        case slice
        /// A part of a picture that decoding can start with.
        case keySlice
        /// A parameter set.
        case parameters
        /// The mark between pictures, which comes before all else.
        case delimiter
        /// Messages and the rest.
        case other
    }

    /// One unit, its start code included.
    struct Unit {
        let role: Role
        let range: Range<Int>
    }

    /// The formats that are byte streams.
    enum Format {
        /// ITU-T H.264, annex B; types in table 7-1.
        case h264
        /// ITU-T H.265, annex B; types in table 7-1.
        case h265

        init?(_ format: MediaFormat) {
            switch format {
            case .h264: self = .h264
            case .h265: self = .h265
            default: return nil
            }
        }

        fileprivate func role(of header: UInt8) -> Role {
            switch self {
            case .h264:
                switch header & 0x1F {
                case 5: .keySlice
                case 1...4: .slice
                case 7, 8, 13, 15: .parameters
                case 9: .delimiter
                default: .other
                }
            case .h265:
                switch header >> 1 & 0x3F {
                case 16...21: .keySlice
                case 0...31: .slice
                case 32...34: .parameters
                case 35: .delimiter
                default: .other
                }
            }
        }
    }

    let units: [Unit]

    /// Finds the units; what lies in front of the first start code belongs to none.
    init(_ bytes: UnsafeRawBufferPointer, _ format: Format) {
        var starts: [(start: Int, header: Int)] = []
        var index = 0
        while index + 3 < bytes.count {
            if bytes[index + 2] > 1 {
                index += 3
            } else if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                // A start code may have one more zero in front.
                let isLong = index > 0 && bytes[index - 1] == 0
                starts.append((isLong ? index - 1 : index, index + 3))
                index += 3
            } else {
                index += 1
            }
        }
        let ends = starts.dropFirst().map(\.start) + [bytes.count]
        units = zip(starts, ends).map { Unit(role: format.role(of: bytes[$0.header]), range: $0.start..<$1) }
    }

    /// Whether there is a part of a picture.
    var hasPicture: Bool { units.contains { $0.role == .slice || $0.role == .keySlice } }

    /// Whether decoding can start here.
    var isKey: Bool { units.contains { $0.role == .keySlice } }

    /// The parameter sets in front of the picture.
    var parameterSets: [Range<Int>] { front.filter { $0.role == .parameters }.map(\.range) }

    /// Bytes in front of the picture.
    var frontByteCount: Int { front.last?.range.upperBound ?? 0 }

    /// Bytes of the mark between pictures, after which parameter sets may stand.
    var delimiterByteCount: Int { front.first.map { $0.role == .delimiter ? $0.range.upperBound : 0 } ?? 0 }

    private var front: ArraySlice<Unit> { units.prefix { $0.role != .slice && $0.role != .keySlice } }
}
