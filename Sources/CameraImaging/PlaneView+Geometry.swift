// SPDX-License-Identifier: MIT

internal import CYUV

extension PlaneView {
    /// Copies the samples.
    func copy(to target: PlaneBuffer) {
        CopyPlane(base, stride, target.base, target.stride, width, height)
    }

    /// Interpolates the samples to the target's sides, which must be at least half as long; halves are averages.
    func scale(to target: PlaneBuffer) {
        ScalePlane(
            base, stride, width, height, target.base, target.stride, target.width, target.height, kFilterBilinear)
    }

    /// Rotates and mirrors the samples; the target has the sides of the result.
    func turn(_ turn: Transform.Turn, to target: PlaneBuffer) {
        switch (turn.rotation, turn.mirrored) {
        case (.none, false): copy(to: target)
        case (.none, true): MirrorPlane(base, stride, target.base, target.stride, width, height)
        // libyuv reads the rows from the last to the first when the height is negative.
        case (.half, true): CopyPlane(base, stride, target.base, target.stride, width, -height)
        case (.half, false): rotate(kRotate180, to: target)
        case (.clockwise90, false): rotate(kRotate90, to: target)
        case (.clockwise270, false): rotate(kRotate270, to: target)
        // Flipping left and right after a quarter turn is flipping top and bottom before it.
        case (.clockwise90, true): rotate(kRotate90, upsideDown: true, to: target)
        case (.clockwise270, true): rotate(kRotate270, upsideDown: true, to: target)
        }
    }

    private func rotate(_ mode: RotationMode, upsideDown: Bool = false, to target: PlaneBuffer) {
        // The result only tells of null pointers and empty planes, which a view never has.
        _ = RotatePlane(base, stride, target.base, target.stride, width, upsideDown ? -height : height, mode)
    }
}
