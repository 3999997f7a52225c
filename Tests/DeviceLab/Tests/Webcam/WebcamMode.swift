// SPDX-License-Identifier: MIT

import CameraKit

/// A format, size and rate of the webcam, in the terms of USB Video Class 1.1.
struct WebcamMode: Hashable, Sendable {
    /// How the pictures travel.
    enum Format: UInt8, CaseIterable {
        /// Uncompressed, packed 4:2:2.
        case yuyv = 1
        /// JPEG pictures.
        case mjpeg = 2
    }

    /// The sizes, in the order of the frame descriptors.
    static let sizes = [Resolution(320, 240), Resolution(160, 120)]
    /// The time from one frame to the next, in units of 100 ns: 15, 10 and 5 frames per second.
    static let intervals: [UInt32] = [666_666, 1_000_000, 2_000_000]

    var format = Format.yuyv
    var size = WebcamMode.sizes[0]
    var interval = WebcamMode.intervals[1]

    /// The first mode.
    init() {}

    /// The mode that a probe asks for; nil when there is none.
    init?(format: UInt8, frame: UInt8, interval: UInt32) {
        guard let format = Format(rawValue: format), Self.sizes.indices.contains(Int(frame) - 1),
            Self.intervals.contains(interval)
        else { return nil }
        self.format = format
        size = Self.sizes[Int(frame) - 1]
        self.interval = interval
    }

    /// The number of the size's descriptor.
    var frameIndex: UInt8 { UInt8((Self.sizes.firstIndex(of: size) ?? 0) + 1) }

    /// The most bytes that a picture can have.
    var pictureByteCount: Int { size.pixelCount * 2 }

    /// The most bytes of a payload on a bulk endpoint, with its header; several make a picture in either format.
    var bulkPayloadByteCount: Int { format == .yuyv ? 16_384 : 2048 }
}
