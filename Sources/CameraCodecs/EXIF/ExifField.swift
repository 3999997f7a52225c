// SPDX-License-Identifier: MIT

#if Pictures
internal import CEXIF
internal import CameraCore

/// A tag with its value as it is stored.
struct ExifField {
    /// The group.
    let ifd: ExifIfd
    /// The tag's number.
    let number: Int
    /// The type that the file names.
    let format: ExifFormat
    /// How many values there are.
    let count: Int
    /// The values, lowest byte first.
    let bytes: [UInt8]

    /// What tells fields apart.
    var key: Int { Int(ifd.rawValue) << 16 | number }

    /// Bytes of the file.
    var byteCount: Int { 12 + (bytes.count > 4 ? (bytes.count + 1) & ~1 : 0) }

    /// Takes text as it is, with a zero behind.
    init(_ ifd: ExifIfd, _ number: Int, text: String) {
        self.init(ifd, number, EXIF_FORMAT_ASCII, count: text.utf8.count + 1, Array(text.utf8) + [0])
    }

    /// Takes bytes as they are.
    init(_ ifd: ExifIfd, _ number: Int, bytes: [UInt8]) {
        self.init(ifd, number, EXIF_FORMAT_UNDEFINED, count: bytes.count, bytes)
    }

    /// Takes a number below 65536.
    init(_ ifd: ExifIfd, _ number: Int, short value: Int) {
        self.init(ifd, number, EXIF_FORMAT_SHORT, count: 1, Self.bytes(of: UInt16(value)))
    }

    /// Takes a number below 2^32.
    init(_ ifd: ExifIfd, _ number: Int, long value: Int) {
        self.init(ifd, number, EXIF_FORMAT_LONG, count: 1, Self.bytes(of: UInt32(value)))
    }

    /// Takes a fraction of numbers below 2^32.
    init(_ ifd: ExifIfd, _ number: Int, rational value: ExifValue.Rational) {
        let bytes = Self.bytes(of: UInt32(value.numerator)) + Self.bytes(of: UInt32(value.denominator))
        self.init(ifd, number, EXIF_FORMAT_RATIONAL, count: 1, bytes)
    }

    /// Describes a field.
    init(_ ifd: ExifIfd, _ number: Int, _ format: ExifFormat, count: Int, _ bytes: [UInt8]) {
        self.ifd = ifd
        self.number = number
        self.format = format
        self.count = count
        self.bytes = bytes
    }

    /// A number's bytes, the lowest first.
    static func bytes(of value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// The fields that a tag comes to: one, and for a latitude or longitude in degrees also its direction.
    ///
    /// - Parameters:
    ///   - name: The tag's name.
    ///   - value: Its value.
    /// - Returns: The tag's own field first.
    /// - Throws: `.invalidValue` that names the tag and what it takes.
    static func fields(_ name: String, _ value: ExifValue) throws(CameraError) -> [ExifField] {
        let tag = try ExifTagName(name)
        let coder = ExifCoder(tag)
        let field = try coder.field(value)
        guard let direction = coder.direction(of: value) else { return [field] }
        // The tag before a latitude or longitude is its direction.
        return [field, ExifField(tag.ifd, tag.number - 1, text: direction)]
    }
}
#endif
