// SPDX-License-Identifier: MIT

internal import CameraCore

extension ColorSpace {
    /// The colours for video of luma and chroma: these, or for red, green and blue BT.601 at limited range.
    var asVideo: ColorSpace {
        guard matrix == .rgb else { return self }
        return ColorSpace(primaries: primaries, transfer: transfer, matrix: .bt601, range: .limited)
    }
}
