// SPDX-License-Identifier: MIT

/// What filters make of a sample and those around it; the loops have the shape that the compiler turns into SIMD.
enum Neighborhood {
    typealias Line = UnsafePointer<UInt8>
    typealias Target = UnsafeMutablePointer<UInt8>

    /// Gives each sample the median of the nine around it.
    static func median(_ plane: PictureMemory.Plane, step: Int) {
        let window = RowWindow(radius: 1, step: step, rowBytes: plane.rowBytes)
        let count = plane.rowBytes + 2 * step
        let columns = Cells<UInt8>(repeating: 0, count: 3 * count)
        let (low, middle, high) = (columns.base, columns.base + count, columns.base + 2 * count)
        window.slide(over: plane) { lines, target in
            sort(lines[0] - step, lines[1] - step, lines[2] - step, into: low, middle, high, count: count)
            // The three columns around each sample, as pointers: sums with a step that may overflow keep SIMD away.
            let (low1, middle1, high1) = (low + step, middle + step, high + step)
            let (low2, middle2, high2) = (low1 + step, middle1 + step, high1 + step)
            for index in 0..<count - 2 * step {
                let largest = max(low[index], max(low1[index], low2[index]))
                let least = min(high[index], min(high1[index], high2[index]))
                let center = median(middle[index], middle1[index], middle2[index])
                target[index] = median(largest, center, least)
            }
        }
    }

    /// Sorts each column of three rows; one loop for each result, since the compiler gives up SIMD where more pointers than
    /// a few might overlap.
    private static func sort(
        _ a: Line, _ b: Line, _ c: Line, into low: Target, _ middle: Target, _ high: Target, count: Int
    ) {
        for index in 0..<count { low[index] = min(a[index], min(b[index], c[index])) }
        for index in 0..<count { middle[index] = median(a[index], b[index], c[index]) }
        for index in 0..<count { high[index] = max(a[index], max(b[index], c[index])) }
    }

    @inline(__always)
    private static func median(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt8 {
        max(min(a, b), min(max(a, b), c))
    }

    /// Averages with the weights 1 2 1 or, for a radius of 2, 1 4 6 4 1, both ways.
    static func blur(_ plane: PictureMemory.Plane, step: Int, radius: Int) {
        let window = RowWindow(radius: radius, step: step, rowBytes: plane.rowBytes)
        let count = plane.rowBytes + 2 * radius * step
        let sums = Cells<UInt16>(repeating: 0, count: count)
        let column = sums.base
        window.slide(over: plane) { lines, target in
            let lines = lines.map { $0 - radius * step }
            let (column1, column2) = (column + step, column + 2 * step)
            if radius == 1 {
                let (a, b, c) = (lines[0], lines[1], lines[2])
                for index in 0..<count { column[index] = UInt16(a[index]) &+ 2 &* UInt16(b[index]) &+ UInt16(c[index]) }
                for index in 0..<plane.rowBytes {
                    let sum = column[index] &+ 2 &* column1[index] &+ column2[index]
                    target[index] = UInt8(truncatingIfNeeded: (sum &+ 8) &>> 4)
                }
            } else {
                let (column3, column4) = (column2 + step, column2 + 2 * step)
                let (a, b, c, d, e) = (lines[0], lines[1], lines[2], lines[3], lines[4])
                for index in 0..<count {
                    column[index] =
                        UInt16(a[index]) &+ UInt16(e[index]) &+ 4 &* (UInt16(b[index]) &+ UInt16(d[index])) &+ 6
                        &* UInt16(c[index])
                }
                for index in 0..<plane.rowBytes {
                    let outer = column[index] &+ column4[index]
                    let inner = column1[index] &+ column3[index]
                    // At most 255 * 256, and half of 256 more.
                    let sum = UInt32(outer) &+ 4 &* UInt32(inner) &+ 6 &* UInt32(column2[index]) &+ 128
                    target[index] = UInt8(truncatingIfNeeded: sum &>> 8)
                }
            }
        }
    }

    /// Writes how steep a row is, 0...255: the sum of both of Sobel's differences, halved.
    static func edges(_ lines: [Line], into target: Target, count: Int) {
        let (a, b, c) = (lines[0], lines[1], lines[2])
        for index in 0..<count {
            let left = Int16(a[index - 1]) &+ 2 &* Int16(b[index - 1]) &+ Int16(c[index - 1])
            let right = Int16(a[index + 1]) &+ 2 &* Int16(b[index + 1]) &+ Int16(c[index + 1])
            let above = Int16(a[index - 1]) &+ 2 &* Int16(a[index]) &+ Int16(a[index + 1])
            let below = Int16(c[index - 1]) &+ 2 &* Int16(c[index]) &+ Int16(c[index + 1])
            let steepness = (magnitude(right &- left) &+ magnitude(below &- above)) &>> 1
            target[index] = UInt8(truncatingIfNeeded: min(255, steepness))
        }
    }

    /// Writes how much brighter the upper left neighbours are than the lower right ones, 128 for not at all.
    static func relief(_ lines: [Line], into target: Target, count: Int) {
        let (a, b, c) = (lines[0], lines[1], lines[2])
        for index in 0..<count {
            let upper = 2 &* Int16(a[index - 1]) &+ Int16(a[index]) &+ Int16(b[index - 1])
            let lower = 2 &* Int16(c[index + 1]) &+ Int16(c[index]) &+ Int16(b[index + 1])
            target[index] = UInt8(truncatingIfNeeded: max(0, min(255, 128 &+ (upper &- lower) &>> 1)))
        }
    }

    @inline(__always)
    private static func magnitude(_ number: Int16) -> Int16 { max(number, 0 &- number) }
}
