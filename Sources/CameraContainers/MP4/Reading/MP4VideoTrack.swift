// SPDX-License-Identifier: MIT

package import CameraCore

/// What a finished MP4 file tells of its track of pictures.
package struct MP4VideoTrack {
    /// How pictures are coded; a file has several of these where the parameter sets changed.
    package struct Description: Equatable {
        /// The parameter sets as a byte stream.
        package let parameterSets: [UInt8]
        /// The size that is coded.
        package let size: Resolution
        /// The bytes in which the length of a unit is told.
        let lengthSize: Int
    }

    /// ``MediaFormat/h264`` or ``MediaFormat/h265``.
    package let format: MediaFormat
    /// The descriptions; one at least.
    package let descriptions: [Description]
    /// The colours, as the first description tells them.
    package private(set) var color = ColorSpace.unspecified
    /// The shape of a pixel, as the first description tells it.
    package private(set) var pixelAspect = PixelAspect.square
    /// How a player is to turn the pictures, clockwise: 0, 90, 180 or 270 degrees.
    package let rotation: Int
    /// Ticks of a second.
    package let timescale: Int
    /// How long the track plays, in ticks.
    package let ticks: Int
    /// The number of pictures.
    package let count: Int

    /// How long the track plays.
    package var duration: Duration { time(ticks) }

    /// The average rate of the pictures.
    package var frameRate: FrameRate {
        guard ticks > 0, count > 0 else { return FrameRate(25) }
        return FrameRate(Double(count) * Double(timescale) / Double(ticks))
    }

    /// A time in ticks as a duration.
    package func time(_ ticks: Int) -> Duration {
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: timescale)
        return .seconds(seconds) + .seconds(rest) / timescale
    }

    /// Reads the boxes `tkhd`, `mdhd`, `stsd` and `stsz`; nil for what cannot be read or is neither H.264 nor H.265.
    init?(header: BoxReader, media: BoxReader, descriptions table: BoxReader, sizes: BoxReader) {
        var (media, table, sizes) = (media, table, sizes)
        guard let version = media.number(4), media.take(version >> 24 == 1 ? 16 : 8) != nil,
            let timescale = media.number(4), timescale > 0,
            let ticks = media.number(version >> 24 == 1 ? 8 : 4),
            sizes.take(8) != nil, let count = sizes.number(4),
            table.number(4) != nil, let descriptionCount = table.number(4), (1...256).contains(descriptionCount)
        else { return nil }
        (self.timescale, self.ticks, self.count) = (timescale, ticks, count)
        rotation = Self.rotation(header)
        var descriptions: [Description] = []
        var formats: Set<MediaFormat> = []
        for index in 0..<descriptionCount {
            guard let (code, content) = table.anyBox(), let format = Self.formats[code],
                let entry = SampleDescription(content, isH265: format == .h265)
            else { return nil }
            formats.insert(format)
            descriptions.append(entry.description)
            if index == 0 { (color, pixelAspect) = (entry.color, entry.pixelAspect) }
        }
        guard let format = formats.first, formats.count == 1 else { return nil }
        self.format = format
        self.descriptions = descriptions
    }

    private static let formats: [String: MediaFormat] = [
        "avc1": .h264, "avc3": .h264, "hvc1": .h265, "hev1": .h265,
    ]

    /// The turn of the matrix in a track's header (14496-12, 8.3.2).
    private static func rotation(_ header: BoxReader) -> Int {
        var reader = header
        guard let version = reader.number(4), reader.take((version >> 24 == 1 ? 32 : 20) + 16) != nil,
            let cosine = reader.number(4), let sine = reader.number(4)
        else { return 0 }
        switch (Int32(truncatingIfNeeded: cosine).signum(), Int32(truncatingIfNeeded: sine).signum()) {
        case (0, 1): return 90
        case (-1, 0): return 180
        case (0, -1): return 270
        default: return 0
        }
    }
}

/// An entry of `stsd` (14496-12, 12.1.3; 14496-15, 5.4.2 and 8.4.1).
private struct SampleDescription {
    let description: MP4VideoTrack.Description
    private(set) var color = ColorSpace.unspecified
    private(set) var pixelAspect = PixelAspect.square

    init?(_ content: BoxReader, isH265: Bool) {
        var reader = content
        guard reader.take(24) != nil, let width = reader.number(2), let height = reader.number(2),
            reader.take(50) != nil
        else { return nil }
        var found: (sets: [UInt8], lengthSize: Int)?
        while let (code, box) = reader.anyBox() {
            switch code {
            case "avcC" where !isH265: found = Self.configurationH264(box)
            case "hvcC" where isH265: found = Self.configurationH265(box)
            case "colr": color = Self.color(box) ?? color
            case "pasp": pixelAspect = Self.aspect(box) ?? pixelAspect
            default: break
            }
        }
        guard let found, width > 0, height > 0 else { return nil }
        description = MP4VideoTrack.Description(
            parameterSets: found.sets, size: Resolution(width, height), lengthSize: found.lengthSize)
    }

    private static func color(_ box: BoxReader) -> ColorSpace? {
        var reader = box
        guard reader.take(4) == Array("nclx".utf8), let primaries = reader.number(2), let transfer = reader.number(2),
            let matrix = reader.number(2), let range = reader.number(1)
        else { return nil }
        return ColorSpace(
            primaries: .init(rawValue: UInt8(clamping: primaries)),
            transfer: .init(rawValue: UInt8(clamping: transfer)), matrix: .init(rawValue: UInt8(clamping: matrix)),
            range: range & 0x80 == 0 ? .limited : .full)
    }

    private static func aspect(_ box: BoxReader) -> PixelAspect? {
        var reader = box
        guard let width = reader.number(4), let height = reader.number(4) else { return nil }
        return PixelAspect(width, height)
    }

    /// `avcC` (14496-15, 5.3.3.1).
    private static func configurationH264(_ box: BoxReader) -> (sets: [UInt8], lengthSize: Int)? {
        var reader = box
        guard reader.take(4) != nil, let length = reader.number(1), let sequences = reader.number(1) else { return nil }
        var sets: [UInt8] = []
        guard take(sequences & 31, from: &reader, into: &sets), let pictures = reader.number(1),
            take(pictures, from: &reader, into: &sets)
        else { return nil }
        return (sets, (length & 3) + 1)
    }

    /// `hvcC` (14496-15, 8.3.3.1).
    private static func configurationH265(_ box: BoxReader) -> (sets: [UInt8], lengthSize: Int)? {
        var reader = box
        guard reader.take(21) != nil, let length = reader.number(1), let arrays = reader.number(1) else { return nil }
        var sets: [UInt8] = []
        for _ in 0..<arrays {
            guard reader.take(1) != nil, let count = reader.number(2), take(count, from: &reader, into: &sets) else {
                return nil
            }
        }
        return (sets, (length & 3) + 1)
    }

    private static func take(_ count: Int, from reader: inout BoxReader, into sets: inout [UInt8]) -> Bool {
        for _ in 0..<count {
            guard let length = reader.number(2), let unit = reader.take(length) else { return false }
            sets += [0, 0, 0, 1]
            sets += unit
        }
        return true
    }
}
