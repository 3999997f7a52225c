// SPDX-License-Identifier: MIT

internal import CYUV
internal import CameraCore

/// A scene as a camera's controls make it look.
///
/// What a lens does comes first, zoom and focus; then light is made more or less of each colour, and what the sensor can
/// hold of it becomes luma and chroma, which brightness, contrast and saturation change. All of it is computed by BT.601,
/// as the scene is drawn.
struct DevelopedScene: TestRows {
    private let luma: Plane
    private let blue: Plane
    private let red: Plane

    /// Samples of a byte each, without padding.
    private struct Plane {
        let base: UnsafeMutablePointer<UInt8>
        let width: Int
        let height: Int

        func row(_ row: Int) -> UnsafeMutablePointer<UInt8> { base + row * width }
    }

    /// Develops a scene, and lends it.
    static func lend(_ scene: TestScene, _ size: Resolution, _ look: TestLook, to body: (DevelopedScene) -> Void) {
        let chroma = Resolution((size.width + 1) / 2, (size.height + 1) / 2)
        let count = size.pixelCount + 2 * chroma.pixelCount
        // The second half is for what scaling reads while it writes the first, or the other way round.
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * count)
        defer { memory.deallocate() }
        func planes(_ memory: UnsafeMutablePointer<UInt8>) -> [Plane] {
            [
                Plane(base: memory, width: size.width, height: size.height),
                Plane(base: memory + size.pixelCount, width: chroma.width, height: chroma.height),
                Plane(base: memory + size.pixelCount + chroma.pixelCount, width: chroma.width, height: chroma.height),
            ]
        }
        let (drawn, shown) = look.region == .full ? (memory, memory) : (memory + count, memory)
        draw(scene, planes(drawn))
        if look.region != .full { enlarge(look.region, of: planes(drawn), to: planes(shown)) }
        soften(look.blur, planes(shown), spare: memory + count)
        let result = planes(shown)
        let developed = DevelopedScene(luma: result[0], blue: result[1], red: result[2])
        TestDevelopment(look).apply(to: developed)
        body(developed)
    }

    func drawLuma(row: Int, into output: UnsafeMutablePointer<UInt8>) {
        output.update(from: luma.row(row), count: luma.width)
    }

    func drawChroma(row: Int, blue: UnsafeMutablePointer<UInt8>, red: UnsafeMutablePointer<UInt8>) {
        blue.update(from: self.blue.row(row), count: self.blue.width)
        red.update(from: self.red.row(row), count: self.red.width)
    }

    /// Replaces each sample by what a table of 256 has for it.
    func replace(luma: [UInt8], chroma: [UInt8]) {
        for (plane, table) in [(self.luma, luma), (blue, chroma), (red, chroma)] {
            table.withUnsafeBufferPointer { table in
                for index in 0..<plane.width * plane.height { plane.base[index] = table[Int(plane.base[index])] }
            }
        }
    }

    /// Calls a closure for each row of chroma, with the one or two rows of luma that it belongs to.
    func forEachRow(
        _ body: (
            _ luma: [UnsafeMutablePointer<UInt8>], _ blue: UnsafeMutablePointer<UInt8>,
            _ red: UnsafeMutablePointer<UInt8>, _ width: Int
        ) -> Void
    ) {
        for row in 0..<blue.height {
            let rows = 2 * row..<min(2 * row + 2, luma.height)
            body(rows.map(luma.row), blue.row(row), red.row(row), luma.width)
        }
    }

    private static func draw(_ scene: TestScene, _ planes: [Plane]) {
        for row in 0..<planes[0].height { scene.drawLuma(row: row, into: planes[0].row(row)) }
        for row in 0..<planes[1].height {
            scene.drawChroma(row: row, blue: planes[1].row(row), red: planes[2].row(row))
        }
    }

    /// Scales a part of each plane to all of another.
    private static func enlarge(_ region: ZoomRegion, of source: [Plane], to target: [Plane]) {
        // By samples of chroma, of which the others have two where the picture does not end before.
        let columns = samples(region.x, region.width, of: source[1].width)
        let rows = samples(region.y, region.height, of: source[1].height)
        for (index, plane) in source.enumerated() {
            let step = index == 0 ? 2 : 1
            let left = columns.lowerBound * step
            let top = rows.lowerBound * step
            let width = min(columns.upperBound * step, plane.width) - left
            let height = min(rows.upperBound * step, plane.height) - top
            scale(plane.row(top) + left, (width, height), stride: plane.width, to: target[index])
        }
    }

    /// The samples of a share of a side, one at least.
    private static func samples(_ start: Double, _ length: Double, of side: Int) -> Range<Int> {
        let first = min(Int((start * Double(side)).rounded()), side - 1)
        let last = min(Int(((start + length) * Double(side)).rounded()), side)
        return first..<max(last, first + 1)
    }

    /// Makes points as wide as a share of the picture's height, by making the picture small and large again.
    private static func soften(_ blur: Double, _ planes: [Plane], spare: UnsafeMutablePointer<UInt8>) {
        let factor = blur * Double(planes[0].height)
        guard factor > 1 else { return }
        for plane in planes {
            // Chroma has half the samples for the same width.
            let shrinking = max(factor * Double(plane.height) / Double(planes[0].height), 1)
            let small = Plane(
                base: spare, width: max(Int((Double(plane.width) / shrinking).rounded()), 1),
                height: max(Int((Double(plane.height) / shrinking).rounded()), 1))
            scale(plane.base, (plane.width, plane.height), stride: plane.width, to: small)
            scale(small.base, (small.width, small.height), stride: small.width, to: plane)
        }
    }

    private static func scale(
        _ source: UnsafePointer<UInt8>, _ size: (width: Int, height: Int), stride: Int, to target: Plane
    ) {
        ScalePlane(
            source, Int32(stride), Int32(size.width), Int32(size.height), target.base, Int32(target.width),
            Int32(target.width), Int32(target.height), kFilterBox)
    }
}
