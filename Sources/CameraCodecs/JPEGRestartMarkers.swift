// SPDX-License-Identifier: MIT

internal import CameraCore

/// Gives pictures restart markers, which TurboJPEG 2 has no call for.
///
/// Between two markers a picture is coded as if it began there (ITU-T T.81, E.1.4). So each interval is compressed as a
/// picture of its own, a strip, and the strips' data are joined under the first one's header, to which the true height
/// (B.2.2) and the length of the interval (B.2.4.4) are written. The strips lie in memory one after the other, each moved
/// down over its own header.
struct JPEGRestartMarkers {
    private let rowsPerStrip: Int
    private let unitsPerStrip: Int

    /// Plans the strips.
    ///
    /// - Parameters:
    ///   - interval: Rows of coding units (MCUs) from one marker to the next, from 1 on.
    ///   - configuration: The pictures' size and format.
    /// - Throws: `.invalidValue` when the format cannot hold so long an interval.
    init(interval: Int, _ configuration: CodecConfiguration) throws(CameraError) {
        let unit: Resolution =
            switch configuration.inputFormat {
            case .grey: Resolution(8, 8)
            case .yuv422: Resolution(16, 8)
            default: Resolution(16, 16)
            }
        let unitsAcross = (configuration.size.width + unit.width - 1) / unit.width
        let most = Int(UInt16.max) / unitsAcross
        guard (1...most).contains(interval) else {
            throw CameraError(
                .invalidValue, JPEGCodec.operation, subject: "restartInterval",
                reason: "\(interval) is not 0, for none, or in 1...\(most), which is the most at this width")
        }
        rowsPerStrip = interval * unit.height
        unitsPerStrip = interval * unitsAcross
    }

    /// Bytes of the segment that tells the interval.
    static let segmentByteCount = 6

    /// The rows of each strip.
    func strips(ofHeight height: Int) -> [Range<Int>] {
        stride(from: 0, to: height, by: rowsPerStrip).map { $0..<min($0 + rowsPerStrip, height) }
    }

    /// Where a strip is to be compressed to, behind the `count` bytes that there are.
    func place(
        ofStrip number: Int, after count: Int, in bytes: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        // The first leaves room for the interval's segment; the others overwrite the end-of-image marker.
        bytes + (number == 0 ? Self.segmentByteCount : count - 2)
    }

    /// Joins a strip of `stripCount` bytes at its place to the picture; the picture's length now.
    func join(
        strip number: Int, of stripCount: Int, after count: Int, in bytes: UnsafeMutablePointer<UInt8>, height: Int
    ) -> Int {
        let strip = place(ofStrip: number, after: count, in: bytes)
        let header = Header(strip)
        guard number > 0 else {
            strip[header.frame + 5] = UInt8(height >> 8)
            strip[header.frame + 6] = UInt8(height & 0xFF)
            bytes.update(from: strip, count: header.scan)
            let segment = [0xFF, 0xDD, 0, 4, UInt8(unitsPerStrip >> 8), UInt8(unitsPerStrip & 0xFF)]
            (bytes + header.scan).update(from: segment, count: segment.count)
            return Self.segmentByteCount + stripCount
        }
        strip[0] = 0xFF
        strip[1] = 0xD0 + UInt8((number - 1) % 8)
        (strip + 2).update(from: strip + header.data, count: stripCount - header.data)
        return count + stripCount - header.data
    }

    /// Where things begin in a picture by TurboJPEG, which starts with SOI and has all segments in front of one scan.
    private struct Header {
        /// The frame header, SOF0.
        var frame = 0
        /// The scan header, SOS.
        var scan = 2
        /// The compressed data.
        var data = 0

        init(_ bytes: UnsafeMutablePointer<UInt8>) {
            func end(_ segment: Int) -> Int { segment + 2 + Int(bytes[segment + 2]) << 8 + Int(bytes[segment + 3]) }
            while bytes[scan + 1] != 0xDA {
                if bytes[scan + 1] == 0xC0 { frame = scan }
                scan = end(scan)
            }
            data = end(scan)
        }
    }
}
