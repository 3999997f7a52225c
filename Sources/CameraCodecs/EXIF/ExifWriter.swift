// SPDX-License-Identifier: MIT

#if Pictures
internal import CEXIF
internal import CameraCore
internal import Glibc

/// Makes the EXIF data of JPEG pictures: an APP1 segment with what the picture itself tells, the user's tags and a thumbnail.
///
/// Source: CIPA DC-008 (Exif 2.32), sections 4.5 and 4.7.
final class ExifWriter: Sendable {
    private let thumbnail: JPEGThumbnail?
    /// Fields that are the same in each picture.
    private let fields: [ExifField]
    /// Which tags the user gave.
    private let given: Set<Int>

    /// Bytes of EXIF data that a segment has room for.
    private static let room = 65533

    /// Checks the tags.
    ///
    /// - Parameters:
    ///   - tags: The user's tags.
    ///   - thumbnail: Makes thumbnails; nil for none.
    ///   - configuration: The pictures' size and layout.
    /// - Throws: `.invalidValue` that names a tag.
    init(_ tags: ExifTags, thumbnail: JPEGThumbnail?, for configuration: CodecConfiguration) throws(CameraError) {
        var own: [ExifField] = []
        var directions: [ExifField] = []
        for name in tags.names {
            guard let value = tags[name] else { continue }
            let fields = try ExifField.fields(name, value)
            own.append(fields[0])
            directions += fields.dropFirst()
        }
        let keys = own.map(\.key)
        given = Set(keys)
        guard given.count == keys.count else {
            throw CameraError(.invalidValue, "setting the EXIF tags", reason: "a tag is given by two of its names")
        }
        var fields = own
        let defaults = directions + Self.defaults(for: configuration, hasThumbnail: thumbnail != nil)
        fields += defaults.filter { [given] in !given.contains($0.key) }
        if fields.contains(where: { $0.ifd == EXIF_IFD_GPS }), !given.contains(Int(EXIF_IFD_GPS.rawValue) << 16) {
            fields.append(ExifField(EXIF_IFD_GPS, 0, EXIF_FORMAT_BYTE, count: 4, [2, 3, 0, 0]))
        }
        self.fields = fields
        self.thumbnail = thumbnail
        let frame = FrameInfo(timestamp: .now, wallTime: .now, sequence: 0)
        let count = Self.byteCount(fields + fieldsOfFrame(frame)) + 200
        guard count <= Self.room else {
            throw CameraError(
                .invalidValue, "setting the EXIF tags",
                reason: "they come to \(count) bytes, but a JPEG picture has room for \(Self.room)")
        }
    }

    /// Makes the segment of a picture, from its marker on.
    ///
    /// - Throws: `.invalidValue` when the thumbnail does not fit even at the lowest quality; `.codec`.
    func segment(for frame: Frame) throws(CameraError) -> [UInt8] {
        let fields = fields + fieldsOfFrame(frame.info)
        let room = Self.room - Self.byteCount(fields) - 64
        let picture = try thumbnail?.picture(of: frame, room: room) ?? []
        let data = try Self.data(of: fields, thumbnail: picture)
        guard data.count <= Self.room else {
            throw CameraError(
                .invalidValue, "writing EXIF data",
                reason: "it comes to \(data.count) bytes, but a JPEG picture has room for \(Self.room)")
        }
        let length = data.count + 2
        return [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + data
    }

    /// What the fields take, with the headers of all groups.
    private static func byteCount(_ fields: [ExifField]) -> Int {
        fields.reduce(6 + 8 + 5 * 6 + 3 * 12) { $0 + $1.byteCount }
    }

    // MARK: - What the picture tells

    private static func defaults(for configuration: CodecConfiguration, hasThumbnail: Bool) -> [ExifField] {
        let inch = ExifValue.Rational(72, 1)
        let components: [UInt8] = configuration.inputFormat == .grey ? [1, 0, 0, 0] : [1, 2, 3, 0]
        let picture = [
            ExifField(EXIF_IFD_0, 0x011A, rational: inch), ExifField(EXIF_IFD_0, 0x011B, rational: inch),
            ExifField(EXIF_IFD_0, 0x0128, short: 2), ExifField(EXIF_IFD_0, 0x0213, short: 1),
            ExifField(EXIF_IFD_EXIF, 0x9000, bytes: Array("0232".utf8)),
            ExifField(EXIF_IFD_EXIF, 0x9101, bytes: components),
            ExifField(EXIF_IFD_EXIF, 0xA000, bytes: Array("0100".utf8)),
            ExifField(EXIF_IFD_EXIF, 0xA001, short: 1),
            ExifField(EXIF_IFD_EXIF, 0xA002, long: configuration.size.width),
            ExifField(EXIF_IFD_EXIF, 0xA003, long: configuration.size.height),
        ]
        guard hasThumbnail else { return picture }
        return picture + [
            ExifField(EXIF_IFD_1, 0x0103, short: 6), ExifField(EXIF_IFD_1, 0x011A, rational: inch),
            ExifField(EXIF_IFD_1, 0x011B, rational: inch), ExifField(EXIF_IFD_1, 0x0128, short: 2),
        ]
    }

    private func fieldsOfFrame(_ info: FrameInfo) -> [ExifField] {
        let time = LocalTime(info.wallTime)
        var fields: [ExifField] = []
        // DateTime, DateTimeOriginal, DateTimeDigitized: each with its fraction of a second and its time zone, which would
        // be wrong beside a time of the user's.
        let moments = [(EXIF_IFD_0, 0x0132), (EXIF_IFD_EXIF, 0x9003), (EXIF_IFD_EXIF, 0x9004)]
        for (index, (ifd, number)) in moments.enumerated() {
            let moment = ExifField(ifd, number, text: time.moment)
            guard !given.contains(moment.key) else { continue }
            fields += [
                moment, ExifField(EXIF_IFD_EXIF, 0x9290 + index, text: time.milliseconds),
                ExifField(EXIF_IFD_EXIF, 0x9010 + index, text: time.offset),
            ]
        }
        if let exposure = info.metadata?.exposureTime {
            let microseconds = min(max(Int(exposure.nanoseconds / 1000), 0), Int(UInt32.max))
            let divisor = ExifValue.Rational.divisor(microseconds, 1_000_000)
            let value = ExifValue.Rational(microseconds / divisor, 1_000_000 / divisor)
            fields.append(ExifField(EXIF_IFD_EXIF, 0x829A, rational: value))
        }
        if let gain = info.metadata?.analogGain {
            // Gain 1 is ISO 100, as in the camera's own setting.
            let speed = (100 * gain * (info.metadata?.digitalGain ?? 1)).rounded()
            if speed >= 1, speed <= 65535 { fields.append(ExifField(EXIF_IFD_EXIF, 0x8827, short: Int(speed))) }
        }
        return fields.filter { !given.contains($0.key) }
    }

    // MARK: - libexif

    private static func data(of fields: [ExifField], thumbnail: [UInt8]) throws(CameraError) -> [UInt8] {
        guard let data = exif_data_new() else { throw lackOfMemory }
        defer { exif_data_unref(data) }
        exif_data_set_byte_order(data, EXIF_BYTE_ORDER_INTEL)
        for field in fields {
            guard let entry = exif_entry_new() else { throw lackOfMemory }
            defer { exif_entry_unref(entry) }
            entry.pointee.tag = ExifTag(rawValue: UInt32(field.number))
            entry.pointee.format = field.format
            entry.pointee.components = UInt(field.count)
            guard let bytes = Self.bytes(field.bytes) else { throw lackOfMemory }
            entry.pointee.data = bytes
            entry.pointee.size = UInt32(field.bytes.count)
            exif_content_add_entry(data.content(field.ifd), entry)
        }
        if !thumbnail.isEmpty {
            guard let bytes = Self.bytes(thumbnail) else { throw lackOfMemory }
            data.pointee.data = bytes
            data.pointee.size = UInt32(thumbnail.count)
        }
        var saved: UnsafeMutablePointer<UInt8>?
        var count: UInt32 = 0
        exif_data_save_data(data, &saved, &count)
        guard let saved else { throw lackOfMemory }
        defer { free(saved) }
        return Array(UnsafeBufferPointer(start: saved, count: Int(count)))
    }

    /// A copy that libexif frees.
    private static func bytes(_ bytes: [UInt8]) -> UnsafeMutablePointer<UInt8>? {
        let copy = malloc(max(bytes.count, 1))?.bindMemory(to: UInt8.self, capacity: bytes.count)
        copy?.update(from: bytes, count: bytes.count)
        return copy
    }

    private static let lackOfMemory = CameraError(
        .codec, "writing EXIF data", reason: "libexif has no memory for it")
}
#endif
