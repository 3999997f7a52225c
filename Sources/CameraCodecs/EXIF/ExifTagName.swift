// SPDX-License-Identifier: MIT

#if Pictures
internal import CEXIF
internal import CameraCore

/// A tag that was found by its name.
struct ExifTagName {
    /// The name as it was written, for messages.
    let text: String
    /// The group.
    let ifd: ExifIfd
    /// The tag's number.
    let number: Int

    /// Finds a tag.
    ///
    /// - Parameter text: A group, a dot and libexif's name of the tag, in upper or lower case: "GPS.GPSLatitude".
    /// - Throws: `.invalidValue` that tells the groups, or in which of them the tag may stand.
    init(_ text: String) throws(CameraError) {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let ifd = Self.groups.first(where: { $0.name == parts[0].uppercased() })?.ifd else {
            throw Self.refusal(
                text,
                "write a group, a dot and the tag, as IFD0.Artist; the groups are "
                    + Self.groups.map(\.name).joined(separator: ", "))
        }
        let wanted = Self.plain(parts[1])
        let name = Self.otherNames[wanted] ?? wanted
        guard let number = Self.number(name, in: ifd) else {
            let others = Self.groups.filter { Self.number(name, in: $0.ifd) != nil }.map(\.name)
            throw Self.refusal(
                text, others.isEmpty ? "there is no such tag" : "the tag stands in \(others.joined(separator: " or "))")
        }
        guard !Self.ownNumbers.contains(number) || ifd == EXIF_IFD_GPS else {
            throw Self.refusal(text, "this tag tells where parts of the file lie and is written by the encoder")
        }
        self.text = text
        self.ifd = ifd
        self.number = number
    }

    /// The error for a name or a value.
    static func refusal(_ name: String, _ reason: String) -> CameraError {
        CameraError(.invalidValue, "setting the EXIF tag", subject: name, reason: reason)
    }

    private static let groups: [(name: String, ifd: ExifIfd)] = [
        ("IFD0", EXIF_IFD_0), ("IFD1", EXIF_IFD_1), ("EXIF", EXIF_IFD_EXIF), ("GPS", EXIF_IFD_GPS),
        ("EINT", EXIF_IFD_INTEROPERABILITY),
    ]

    /// Names of other programs and of newer versions of the standard.
    private static let otherNames = [
        "iso": "isospeedratings", "photographicsensitivity": "isospeedratings", "createdate": "datetimedigitized",
        "spacialfrequencyresponse": "spatialfrequencyresponse", "rowsperstring": "rowsperstrip",
    ]

    /// SubIFDs, StripOffsets, StripByteCounts, JPEGInterchangeFormat and its length.
    private static let ownNumbers: Set = [0x014A, 0x0111, 0x0117, 0x0201, 0x0202]

    /// libexif's table holds names that have spaces, and not always the standard's capitals.
    private static func plain(_ name: some StringProtocol) -> String {
        name.lowercased().filter { $0 != " " }
    }

    private static func number(_ name: String, in ifd: ExifIfd) -> Int? {
        for index in 0..<exif_tag_table_count() {
            let tag = exif_tag_table_get_tag(index)
            guard let theirs = exif_tag_table_get_name(index), plain(String(cString: theirs)) == name,
                let here = exif_tag_get_name_in_ifd(tag, ifd), plain(String(cString: here)) == name
            else { continue }
            // What the standard does not know may stand anywhere by libexif; here only beside the picture's own tags.
            let level = exif_tag_get_support_level_in_ifd(tag, ifd, EXIF_DATA_TYPE_COMPRESSED)
            let isRelated = ifd == EXIF_IFD_INTEROPERABILITY && (0x1000...0x1002).contains(tag.rawValue)
            guard level != EXIF_SUPPORT_LEVEL_UNKNOWN || ifd == EXIF_IFD_0 || ifd == EXIF_IFD_1 || isRelated else {
                continue
            }
            return Int(tag.rawValue)
        }
        return nil
    }
}
#endif
