// SPDX-License-Identifier: MIT

internal import CameraCore

/// Something to lay over pictures of one layout, size and colour space, computed once: how much of each byte stays, and
/// what is added.
final class Decal: Sendable {
    private let planes: [Plane]

    /// The part that lies on one plane.
    struct Plane: Sendable {
        let firstRow: Int
        let firstByte: Int
        let rowBytes: Int
        /// What remains of each byte, 0...255.
        let keep: Cells<UInt8>
        /// What is added to each byte, times 255.
        let ink: Cells<UInt16>
        /// The bytes of each row that change at all.
        let spans: [Range<Int>]
    }

    init(_ planes: [Plane]) {
        self.planes = planes
    }

    /// Lays it over a picture.
    func blend(onto picture: PictureMemory) {
        for (index, plane) in planes.enumerated() {
            let target = picture.plane(index)
            for (row, span) in plane.spans.enumerated() where !span.isEmpty {
                let start = row * plane.rowBytes + span.lowerBound
                Self.blend(
                    plane.keep.base + start, plane.ink.base + start,
                    onto: target.row(plane.firstRow + row) + plane.firstByte + span.lowerBound, count: span.count)
            }
        }
    }

    /// `(target * keep + ink) / 255`, rounded; all of it fits in unsigned 16-bit numbers, as keep and ink add up to 255².
    private static func blend(
        _ keep: UnsafePointer<UInt8>, _ ink: UnsafePointer<UInt16>, onto target: UnsafeMutablePointer<UInt8>, count: Int
    ) {
        for index in 0..<count {
            let sum = UInt16(target[index]) &* UInt16(keep[index]) &+ ink[index] &+ 128
            target[index] = UInt8(truncatingIfNeeded: (sum &+ (sum &>> 8)) &>> 8)
        }
    }
}

/// One row of pixels of what is to be laid over a picture.
struct InkRow {
    /// How much each pixel hides, 0...255.
    let cover: UnsafeMutablePointer<UInt8>
    /// The three channels of each pixel times its cover; at most 255 times the cover.
    let ink: (UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>)
    /// Pixels.
    let count: Int

    /// Shows what lies below.
    func clear() {
        cover.update(repeating: 0, count: count)
        for channel in [ink.0, ink.1, ink.2] { channel.update(repeating: 0, count: count) }
    }

    /// The row without its first pixels.
    func dropping(_ pixels: Int, count: Int) -> InkRow {
        InkRow(cover: cover + pixels, ink: (ink.0 + pixels, ink.1 + pixels, ink.2 + pixels), count: count)
    }

    subscript(channel: Int) -> UnsafeMutablePointer<UInt16> { channel == 0 ? ink.0 : channel == 1 ? ink.1 : ink.2 }
}

/// What gives the rows of something to lay over pictures.
protocol InkSource {
    /// Fills all of a row; rows are asked for from top to bottom, row 0 is the region's first.
    mutating func fill(_ row: InkRow, at index: Int)
}
