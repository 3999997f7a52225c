// SPDX-License-Identifier: MIT

/// How a movie wants its pictures laid down: a turn clockwise, and then perhaps left and right exchanged.
package struct PictureOrientation: Hashable, Sendable {
    /// Degrees: 0, 90, 180 or 270.
    package let rotation: Int
    /// Whether left and right change places after the turn.
    package let isMirrored: Bool

    /// Whether pictures stay as they are.
    package var isUpright: Bool { rotation == 0 && !isMirrored }

    /// Reads the matrix that brings a point of the picture to where it is shown; a turn by anything but right angles
    /// becomes the nearest one.
    ///
    /// - Parameter matrix: Nine numbers, of which the four about the turn count (libavutil/display.h).
    init(_ matrix: UnsafePointer<Int32>) {
        // What the axes to the right and down of the picture become: (a, b) and (c, d), y down.
        let (a, b, c, d) = (Int64(matrix[0]), Int64(matrix[1]), Int64(matrix[3]), Int64(matrix[4]))
        isMirrored = a * d - b * c < 0
        // Without the exchange of left and right, which comes last.
        let (x, y) = (isMirrored ? -a : a, b)
        if abs(x) >= abs(y) {
            rotation = x >= 0 ? 0 : 180
        } else {
            rotation = y > 0 ? 90 : 270
        }
    }
}
