// SPDX-License-Identifier: MIT

package import CameraCore

/// A bar code of a frame's number, drawn into the picture itself.
///
/// Tests decode what was recorded, read the numbers back, and so account for every frame: lost, repeated, out of order.
/// Twelve columns and four rows of black and white cells fill the upper third of the picture: 32 bits of the number and
/// 16 of a checksum. The code survives lossy coding at low bit rates, scaling to half the size, and both ranges of luma.
package enum FrameNumberCode {
    /// The smallest picture that the code is made for.
    package static let smallestSize = Resolution(64, 48)

    /// Draws a number into luma, in black (16) and white (235).
    ///
    /// - Parameters:
    ///   - number: What ``read(luma:stride:size:step:)`` is to return.
    ///   - luma: The first byte of the first row, one byte a pixel.
    ///   - stride: Bytes from one row to the next.
    ///   - size: The picture's size; at least ``smallestSize`` for a code that can be read back.
    package static func draw(
        number: UInt32, into luma: UnsafeMutableRawPointer, stride: Int, size: Resolution
    ) {
        for row in 0..<rowCount(of: size) {
            draw(number: number, row: row, into: luma + row * stride, size: size)
        }
    }

    /// Reads a number back.
    ///
    /// - Parameters:
    ///   - luma: The luma of the first pixel.
    ///   - stride: Bytes from one row to the next.
    ///   - size: The picture's size.
    ///   - step: Bytes from one pixel to the next; 2 for YUYV, 3 for RGB, whose green serves as well.
    /// - Returns: The number; nil when there is no code or it cannot be read.
    package static func read(luma: UnsafeRawPointer, stride: Int, size: Resolution, step: Int = 1) -> UInt32? {
        guard size.width >= columns, rowCount(of: size) >= rows else { return nil }
        var word: UInt64 = 0
        for row in 0..<rows {
            let lines = middle(of: edge(row, rows, rowCount(of: size))..<edge(row + 1, rows, rowCount(of: size)))
            for column in 0..<columns {
                let pixels = middle(of: edge(column, columns, size.width)..<edge(column + 1, columns, size.width))
                var sum = 0
                for line in lines {
                    for pixel in pixels {
                        sum += Int(luma.load(fromByteOffset: line * stride + pixel * step, as: UInt8.self))
                    }
                }
                // Half way between black and white in either range.
                word = word << 1 | (sum > 126 * lines.count * pixels.count ? 1 : 0)
            }
        }
        let number = UInt32(truncatingIfNeeded: word >> 16)
        return self.word(for: number) == word ? number : nil
    }

    /// Reads the number in a frame; nil without a readable code, and for compressed frames.
    package static func read(_ frame: Frame) -> UInt32? {
        guard let layout = frame.format.layout(ofPlane: 0) else { return nil }
        // The offset is that of the first luma in UYVY, and of green in the RGB layouts.
        let offset = frame.format == .uyvy || frame.format.isRGB ? 1 : 0
        let plane = frame.plane(0)
        return read(
            luma: plane.baseAddress + offset, stride: plane.stride, size: frame.size,
            step: layout.bytesPerGroup / layout.pixelsAcross)
    }

    /// Rows of the picture, from the top, that the code covers.
    static func rowCount(of size: Resolution) -> Int { size.height / 3 }

    /// Draws one row of a code, within its ``rowCount(of:)``.
    static func draw(number: UInt32, row: Int, into luma: UnsafeMutableRawPointer, size: Resolution) {
        let word = word(for: number)
        let codeRow = (row * rows + rows - 1) / max(rowCount(of: size), 1)
        for column in 0..<columns {
            let start = edge(column, columns, size.width)
            let bit = word >> UInt64(rows * columns - 1 - codeRow * columns - column) & 1
            (luma + start).initializeMemory(
                as: UInt8.self, repeating: bit == 1 ? 235 : 16, count: edge(column + 1, columns, size.width) - start)
        }
    }

    private static let columns = 12
    private static let rows = 4

    /// Where cell `index` of `count` begins in `length` pixels.
    private static func edge(_ index: Int, _ count: Int, _ length: Int) -> Int { index * length / count }

    /// The inner half of a cell, away from what coding and scaling smear over its edges; never empty.
    private static func middle(of cell: Range<Int>) -> Range<Int> {
        let margin = cell.count / 4
        return cell.lowerBound + margin..<cell.upperBound - margin
    }

    /// The number and its checksum.
    private static func word(for number: UInt32) -> UInt64 { UInt64(number) << 16 | UInt64(checksum(of: number)) }

    /// CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF): an all-black or all-white picture is no code.
    private static func checksum(of number: UInt32) -> UInt16 {
        var checksum: UInt16 = 0xFFFF
        for bit in (0..<32).reversed() {
            let carry = (checksum >> 15) ^ UInt16(number >> UInt32(bit) & 1)
            checksum = checksum << 1 ^ (carry == 1 ? 0x1021 : 0)
        }
        return checksum
    }
}
