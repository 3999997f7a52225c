// SPDX-License-Identifier: MIT

internal import CameraCore

/// A picture that is drawn row by row, in the layout's own order of samples.
protocol TestRows {
    /// Draws a row of luma: 16...235, whichever range the picture is said to have.
    func drawLuma(row: Int, into output: UnsafeMutablePointer<UInt8>)

    /// Draws a row of both chromas at half the width; row 0 belongs to the luma rows 0 and 1.
    func drawChroma(row: Int, blue: UnsafeMutablePointer<UInt8>, red: UnsafeMutablePointer<UInt8>)
}

/// A picture with a ``FrameNumberCode`` over it, which nothing that is done to the picture touches.
struct NumberedRows<Picture: TestRows>: TestRows {
    let picture: Picture
    let number: UInt64
    let size: Resolution

    func drawLuma(row: Int, into output: UnsafeMutablePointer<UInt8>) {
        guard row < FrameNumberCode.rowCount(of: size) else { return picture.drawLuma(row: row, into: output) }
        FrameNumberCode.draw(number: UInt32(truncatingIfNeeded: number), row: row, into: output, size: size)
    }

    func drawChroma(row: Int, blue: UnsafeMutablePointer<UInt8>, red: UnsafeMutablePointer<UInt8>) {
        guard 2 * row < FrameNumberCode.rowCount(of: size) else {
            return picture.drawChroma(row: row, blue: blue, red: red)
        }
        let width = (size.width + 1) / 2
        blue.update(repeating: 128, count: width)
        red.update(repeating: 128, count: width)
    }
}
