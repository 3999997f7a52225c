// SPDX-License-Identifier: MIT

/// EXIF tags of JPEG pictures by picamera's names: a group, a dot and the tag, as "IFD0.Artist" or "GPS.GPSLatitude".
///
/// The groups are IFD0 (the picture), IFD1 (its thumbnail), EXIF, GPS and EINT; upper and lower case are the same. The
/// names and values of tags are checked when a picture's encoder is made.
///
/// ```swift
/// camera.exifTags["IFD0.Artist"] = "Jane Doe"
/// camera.exifTags["EXIF.FNumber"] = 2.8
/// camera.exifTags["GPS.GPSLatitude"] = .degrees(59.33)
/// ```
public struct ExifTags: Hashable, Sendable {
    /// By names in lower case.
    private var entries: [String: Entry] = [:]

    private struct Entry: Hashable {
        let name: String
        let value: ExifValue
    }

    /// Makes an empty set of tags.
    public init() {}

    /// The value of a tag; nil when it is not set.
    public subscript(name: String) -> ExifValue? {
        get { entries[name.lowercased()]?.value }
        set { entries[name.lowercased()] = newValue.map { Entry(name: name, value: $0) } }
    }

    /// Whether no tag is set.
    public var isEmpty: Bool { entries.isEmpty }

    /// The names of the tags that are set, as they were written, in alphabetical order.
    public var names: [String] { entries.values.map(\.name).sorted() }

    /// These tags together with others; where both have a tag, the value of the others counts.
    package func merging(_ others: ExifTags) -> ExifTags {
        var tags = self
        tags.entries.merge(others.entries) { $1 }
        return tags
    }
}

extension ExifTags: ExpressibleByDictionaryLiteral {
    /// Makes tags from names and values; where a name comes twice, the last value counts.
    public init(dictionaryLiteral elements: (String, ExifValue)...) {
        for (name, value) in elements { self[name] = value }
    }
}
