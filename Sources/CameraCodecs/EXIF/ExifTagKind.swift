// SPDX-License-Identifier: MIT

#if Pictures
internal import CEXIF

/// What a tag takes.
struct ExifTagKind {
    /// How its values are stored.
    let storage: Storage
    /// How many there may be; of text and bytes, any number.
    var counts = 1...1
    /// Which values it takes among those that can be stored.
    var rule = Rule.any

    /// How values are stored.
    enum Storage {
        case ascii
        case bytes
        case shorts
        case longs
        case signedShorts
        case signedLongs
        case rationals
        case signedRationals
        case undefined
        /// Bytes with the name of their encoding in front.
        case comment
        /// UTF-16 in bytes, as Windows has it.
        case wideText
    }

    /// Which values there may be.
    enum Rule {
        case any
        case range(ClosedRange<Double>)
        case choice([Int])
        case word([String])
        /// "2026:01:31 23:59:59".
        case moment
        /// "2026:01:31".
        case day
        /// "+01:00".
        case offset
        /// A latitude or longitude of so many degrees at most, with the letters for positive and negative.
        case angle(Double, String, String)
    }
}

extension ExifTagKind {
    /// What a tag takes, by the standard; where that leaves the choice, by libexif.
    ///
    /// - Parameters:
    ///   - number: The tag's number.
    ///   - ifd: Where it stands.
    init(_ number: Int, in ifd: ExifIfd) {
        let known =
            switch ifd {
            case EXIF_IFD_GPS: Self.gps[number]
            case EXIF_IFD_INTEROPERABILITY where number < 3: number == 1 ? Self.text : Self(storage: .undefined)
            default: Self.picture[number]
            }
        self = known ?? Self(libexif: number, in: ifd)
    }

    /// What libexif gives a new tag.
    private init(libexif number: Int, in ifd: ExifIfd) {
        self.init(storage: .undefined)
        guard let data = exif_data_new() else { return }
        defer { exif_data_unref(data) }
        guard let entry = exif_entry_new() else { return }
        defer { exif_entry_unref(entry) }
        exif_content_add_entry(data.content(ifd), entry)
        exif_entry_initialize(entry, ExifTag(rawValue: UInt32(number)))
        let storages: [UInt32: Storage] = [
            EXIF_FORMAT_ASCII.rawValue: .ascii, EXIF_FORMAT_BYTE.rawValue: .bytes,
            EXIF_FORMAT_SHORT.rawValue: .shorts, EXIF_FORMAT_LONG.rawValue: .longs,
            EXIF_FORMAT_RATIONAL.rawValue: .rationals, EXIF_FORMAT_SRATIONAL.rawValue: .signedRationals,
        ]
        let count = Int(entry.pointee.components)
        self.init(
            storage: storages[entry.pointee.format.rawValue] ?? .undefined,
            counts: count > 0 ? count...count : 1...Int.max)
    }

    private static let text = Self(storage: .ascii)

    private static func word(_ words: String...) -> Self { Self(storage: .ascii, rule: .word(words)) }

    private static func choice(_ range: ClosedRange<Int>, _ others: Int...) -> Self {
        Self(storage: .shorts, rule: .choice(Array(range) + others))
    }

    /// Tags of IFD0, IFD1 and EXIF of which libexif does not tell enough.
    ///
    /// Source: CIPA DC-008 (Exif 2.32), sections 4.6.4 and 4.6.5; TIFF 6.0; TIFF/EP.
    private static let picture: [Int: ExifTagKind] = [
        0x00FE: Self(storage: .longs), 0x010A: choice(1...2), 0x010D: text, 0x0112: choice(1...8),
        0x0116: Self(storage: .longs), 0x0128: choice(2...3), 0x012D: Self(storage: .shorts, counts: 768...768),
        0x0132: Self(storage: .ascii, rule: .moment), 0x013F: Self(storage: .rationals, counts: 6...6),
        0x0156: Self(storage: .shorts, counts: 6...6), 0x0200: Self(storage: .shorts),
        0x0211: Self(storage: .rationals, counts: 3...3), 0x0213: choice(1...2),
        0x02BC: Self(storage: .bytes, counts: 1...65535), 0x1000: text, 0x1001: Self(storage: .longs),
        0x1002: Self(storage: .longs), 0x828D: Self(storage: .shorts, counts: 2...2),
        0x828E: Self(storage: .bytes, counts: 1...65535), 0x828F: Self(storage: .rationals),
        0x83BB: Self(storage: .longs, counts: 1...16383), 0x8649: Self(storage: .bytes, counts: 1...65535),
        0x8822: choice(0...9), 0x8824: text, 0x882A: Self(storage: .signedShorts, counts: 1...2),
        0x8827: Self(storage: .shorts, counts: 1...16), 0x8830: choice(0...7), 0x8831: Self(storage: .longs),
        0x8832: Self(storage: .longs), 0x8833: Self(storage: .longs), 0x8834: Self(storage: .longs),
        0x8835: Self(storage: .longs), 0x9003: Self(storage: .ascii, rule: .moment),
        0x9004: Self(storage: .ascii, rule: .moment), 0x9010: Self(storage: .ascii, rule: .offset),
        0x9011: Self(storage: .ascii, rule: .offset), 0x9012: Self(storage: .ascii, rule: .offset),
        0x9207: choice(0...6, 255), 0x9209: choice(0...0x7F), 0x9214: Self(storage: .shorts, counts: 2...4),
        0x9216: Self(storage: .bytes, counts: 4...4), 0x9286: Self(storage: .comment),
        0x9C9B: Self(storage: .wideText), 0x9C9C: Self(storage: .wideText), 0x9C9D: Self(storage: .wideText),
        0x9C9E: Self(storage: .wideText), 0x9C9F: Self(storage: .wideText), 0xA001: choice(1...2, 0xFFFF),
        0xA004: text, 0xA210: choice(2...5), 0xA214: Self(storage: .shorts, counts: 2...2), 0xA217: choice(1...8),
        0xA402: choice(0...2), 0xA403: choice(0...1), 0xA406: choice(0...4), 0xA407: choice(0...4),
        0xA408: choice(0...2), 0xA409: choice(0...2), 0xA40A: choice(0...2), 0xA40C: choice(0...3), 0xA420: text,
        0xA430: text, 0xA431: text, 0xA432: Self(storage: .rationals, counts: 4...4), 0xA433: text, 0xA434: text,
        0xA435: text, 0xA460: choice(0...3), 0xA461: Self(storage: .shorts, counts: 2...2),
        0xA500: Self(storage: .rationals),
    ]

    /// Tags of GPS of which libexif does not tell enough.
    ///
    /// Source: CIPA DC-008 (Exif 2.32), section 4.6.6.
    private static let gps: [Int: ExifTagKind] = [
        0x01: word("N", "S"), 0x02: angle(90, "N", "S"), 0x03: word("E", "W"), 0x04: angle(180, "E", "W"),
        0x05: Self(storage: .bytes, rule: .choice([0, 1])), 0x09: word("A", "V"), 0x0A: word("2", "3"),
        0x0C: word("K", "M", "N"), 0x0E: word("T", "M"), 0x0F: direction, 0x10: word("T", "M"), 0x11: direction,
        0x13: word("N", "S"), 0x14: angle(90, "N", "S"), 0x15: word("E", "W"), 0x16: angle(180, "E", "W"),
        0x17: word("T", "M"), 0x18: direction, 0x19: word("K", "M", "N"), 0x1B: Self(storage: .comment),
        0x1C: Self(storage: .comment), 0x1D: Self(storage: .ascii, rule: .day), 0x1E: choice(0...1),
        0x1F: Self(storage: .rationals),
    ]

    private static let direction = Self(storage: .rationals, rule: .range(0...360))

    private static func angle(_ limit: Double, _ positive: String, _ negative: String) -> Self {
        Self(storage: .rationals, counts: 3...3, rule: .angle(limit, positive, negative))
    }
}

extension UnsafeMutablePointer<ExifData> {
    /// The list of tags of a group.
    func content(_ ifd: ExifIfd) -> UnsafeMutablePointer<ExifContent>? {
        let groups = pointee.ifd
        return switch ifd {
        case EXIF_IFD_0: groups.0
        case EXIF_IFD_1: groups.1
        case EXIF_IFD_EXIF: groups.2
        case EXIF_IFD_GPS: groups.3
        default: groups.4
        }
    }
}
#endif
