// SPDX-License-Identifier: MIT

package import CameraCore

/// How samples of one range become those of another, where the colours have the same matrix: each by itself, so that it can
/// be done row by row on the way.
package struct RangeChange: Sendable {
    /// For luma.
    package let luma: RangeKernel
    /// For both chroma channels.
    package let chroma: RangeKernel

    /// Nil where the numbers are the same already, or where channels would have to be mixed.
    package init?(from source: ColorSpace, to target: ColorSpace) {
        guard Self.isEnough(from: source, to: target), source.range != target.range, let old = YUVSpace(source),
            let new = YUVSpace(target)
        else { return nil }
        let matrix = ColorMatrix.between(old, new)
        luma = RangeKernel(weight: matrix.first.weights.x, offset: matrix.first.offset)
        chroma = RangeKernel(weight: matrix.second.weights.y, offset: matrix.second.offset)
    }

    /// Whether colours differ by nothing but their range.
    package static func isEnough(from source: ColorSpace, to target: ColorSpace) -> Bool {
        guard let old = YUVSpace(source), let new = YUVSpace(target) else { return false }
        return source.matrix != .rgb && old.hasMatrix(of: new)
    }
}
