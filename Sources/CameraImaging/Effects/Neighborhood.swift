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
            for index in 0..<plane.rowBytes {
                let (left, right) = (index, index + 2 * step)
                let largest = max(low[left], max(low[index + step], low[right]))
                let least = min(high[left], min(high[index + step], high[right]))
                let center = median(middle[left], middle[index + step], middle[right])
                target[index] = median(largest, center, least)
            }
        }
    }

    /// Sorts each column of three rows.
    private static func sort(
        _ a: Line, _ b: Line, _ c: Line, into low: Target, _ middle: Target, _ high: Target, count: Int
    ) {
        for index in 0..<count {
            let (less, more) = (min(a[index], b[index]), max(a[index], b[index]))
            let rest = min(more, c[index])
            high[index] = max(more, c[index])
            low[index] = min(less, rest)
            middle[index] = max(less, rest)
        }
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
            if radius == 1 {
                let (a, b, c) = (lines[0], lines[1], lines[2])
                for index in 0..<count { column[index] = UInt16(a[index]) &+ 2 &* UInt16(b[index]) &+ UInt16(c[index]) }
                for index in 0..<plane.rowBytes {
                    let sum = column[index] &+ 2 &* column[index + step] &+ column[index + 2 * step]
                    target[index] = UInt8(truncatingIfNeeded: (sum &+ 8) &>> 4)
                }
            } else {
                let (a, b, c, d, e) = (lines[0], lines[1], lines[2], lines[3], lines[4])
                for index in 0..<count {
                    column[index] =
                        UInt16(a[index]) &+ UInt16(e[index]) &+ 4 &* (UInt16(b[index]) &+ UInt16(d[index])) &+ 6
                        &* UInt16(c[index])
                }
                for index in 0..<plane.rowBytes {
                    let outer = column[index] &+ column[index + 4 * step]
                    let inner = column[index + step] &+ column[index + 3 * step]
                    // At most 255 * 256, and half of 256 more.
                    let sum = UInt32(outer) &+ 4 &* UInt32(inner) &+ 6 &* UInt32(column[index + 2 * step]) &+ 128
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
