// SPDX-License-Identifier: MIT

internal import CameraCore

/// A lookup table: the result for each value of a byte.
struct ByteTable {
    private let cells: Cells<UInt8>

    /// Fills the table; results are rounded and clamped.
    init(bytes value: (Double) -> Double) {
        cells = Cells(repeating: 0, count: 256)
        for byte in 0..<256 { cells.base[byte] = UInt8(max(0, min(255, value(Double(byte)).rounded()))) }
    }

    /// A table for luma, whose function sees 0...255 from black to white whatever the range.
    init(luma color: ColorSpace, _ value: (Double) -> Double) {
        let (scale, black) = color.range == .full ? (1.0, 0.0) : (219.0 / 255, 16.0)
        self.init(bytes: { value(($0 - black) / scale) * scale + black })
    }

    /// A table for chroma, whose function sees what lies above and below none.
    init(chroma value: (Double) -> Double) {
        self.init(bytes: { value($0 - 128) + 128 })
    }

    /// A table that brings 0...255 into the range of luma.
    init(fullTo color: ColorSpace) {
        let (scale, black) = color.range == .full ? (1.0, 0.0) : (219.0 / 255, 16.0)
        self.init(bytes: { $0 * scale + black })
    }

    subscript(byte: UInt8) -> UInt8 { cells.base[Int(byte)] }

    /// Changes each of a row's bytes, or every `step`-th of them.
    func map(_ row: UnsafeMutablePointer<UInt8>, count: Int, step: Int = 1) {
        let table = cells.base
        for index in 0..<count { row[step * index] = table[Int(row[step * index])] }
    }

    /// Changes each byte of a plane.
    func map(_ plane: PictureMemory.Plane) { map(plane.base, count: plane.byteCount) }
}
