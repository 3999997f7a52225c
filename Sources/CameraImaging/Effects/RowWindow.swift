// SPDX-License-Identifier: MIT

/// Slides over the rows of a plane that is changed in place: what has been overwritten is still seen as it was.
///
/// Beyond the edges the outermost samples are repeated.
struct RowWindow {
    /// Rows and samples that are seen on each side.
    let radius: Int
    /// Bytes from one sample of a channel to the next.
    let step: Int
    private let lines: Cells<UInt8>
    private let lineBytes: Int
    private let margin: Int

    /// Makes a window for rows of at most `rowBytes` bytes.
    init(radius: Int, step: Int, rowBytes: Int) {
        self.radius = radius
        self.step = step
        margin = radius * step
        lineBytes = rowBytes + 2 * margin
        lines = Cells(repeating: 0, count: lineBytes * (2 * radius + 1))
    }

    /// The line that holds a row of the plane; its samples go on for ``radius`` to both sides.
    private func line(_ row: Int) -> UnsafeMutablePointer<UInt8> {
        lines.base + row % (2 * radius + 1) * lineBytes + margin
    }

    /// Calls `body` for each row from top to bottom.
    ///
    /// - Parameters:
    ///   - plane: The plane.
    ///   - body: Writes a row; it is given the lines of the rows from `radius` above to `radius` below.
    func slide(
        over plane: PictureMemory.Plane,
        _ body: (_ lines: [UnsafePointer<UInt8>], _ target: UnsafeMutablePointer<UInt8>) -> Void
    ) {
        for row in 0..<min(radius, plane.rows) { load(row, of: plane) }
        for row in 0..<plane.rows {
            if row + radius < plane.rows { load(row + radius, of: plane) }
            let seen = (row - radius...row + radius).map { UnsafePointer(line(max(0, min(plane.rows - 1, $0)))) }
            body(seen, plane.row(row))
        }
    }

    private func load(_ row: Int, of plane: PictureMemory.Plane) {
        let (line, count) = (line(row), plane.rowBytes)
        line.update(from: plane.row(row), count: count)
        for byte in 0..<margin {
            line[byte - margin] = line[byte % step]
            line[count + byte] = line[count - step + byte % step]
        }
    }
}
