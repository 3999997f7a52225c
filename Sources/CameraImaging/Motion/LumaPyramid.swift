// SPDX-License-Identifier: MIT

internal import CMotion
internal import CameraCore

/// The luma of a frame in its size and in a half, a quarter and an eighth of it.
struct LumaPyramid {
    /// All samples; at least 16 x 16, where a smaller picture's last ones are repeated.
    let full: PlaneBuffer
    private let half: PlaneBuffer
    /// Averages of 4 x 4 samples; what does not fill eight at the right and at the bottom is left out.
    let quarter: PlaneBuffer
    /// Averages of 8 x 8 samples.
    let eighth: PlaneBuffer
    private let size: PlaneSize
    private let memory: Scratch

    /// Makes room for pictures of a size.
    init(_ size: Resolution) {
        var memory = Scratch(pool: BytePool())
        self.size = PlaneSize(size)
        let side = Int32(BlockComparison.side)
        full = memory.plane(PlaneSize(width: max(self.size.width, side), height: max(self.size.height, side)))
        let (width, height) = (full.width / 8, full.height / 8)
        half = memory.plane(PlaneSize(width: 4 * width, height: 4 * height))
        quarter = memory.plane(PlaneSize(width: 2 * width, height: 2 * height))
        eighth = memory.plane(PlaneSize(width: width, height: height))
        self.memory = memory
    }

    /// Takes the luma of a picture.
    func fill(from luma: PlaneView) {
        PlaneView(base: luma.base, stride: luma.stride, width: size.width, height: size.height).copy(to: full)
        for row in 0..<size.height where size.width < full.width {
            let samples = full.row(row)
            let last = Int(size.width)
            (samples + last).update(repeating: samples[last - 1], count: Int(full.width) - last)
        }
        for row in size.height..<full.height {
            full.row(row).update(from: full.row(size.height - 1), count: Int(full.width))
        }
        shrink()
    }

    /// Takes the samples of another pyramid, each replaced by its entry in `table`.
    func fill(from other: LumaPyramid, replacedBy table: [UInt8]) {
        for row in 0..<full.height {
            cmotion_replace(other.full.row(row), full.row(row), Int(full.width), table)
        }
        shrink()
    }

    private func shrink() {
        PlaneView(base: full.base, stride: full.stride, width: 8 * eighth.width, height: 8 * eighth.height).scale(
            to: half)
        half.view.scale(to: quarter)
        quarter.view.scale(to: eighth)
    }
}
