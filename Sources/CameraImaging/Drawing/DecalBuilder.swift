// SPDX-License-Identifier: MIT

internal import CameraCore

/// Makes a decal of rows of pixels: chroma that pixels share gets the average of what covers them.
struct DecalBuilder {
    private let region: PixelRegion
    /// The columns of the region, widened to whole chroma samples; the last may lie one pixel outside of the picture.
    private let columns: Range<Int>
    /// The rows of the region, widened to whole chroma samples or the picture's edge.
    private let rows: Range<Int>
    private let size: Resolution
    private let planes: [PixelFormat.InkPlane]
    private let cover: Cells<UInt8>
    private let ink: Cells<UInt16>
    private let coverSums: Cells<UInt16>
    private let inkSums: Cells<UInt32>

    /// Prepares for a decal on pictures of a size and layout.
    ///
    /// - Parameters:
    ///   - region: Where it lies: pixels that all lie within the picture, one at least.
    ///   - size: The pictures' size.
    ///   - format: The pictures' layout.
    init(_ region: PixelRegion, on size: Resolution, _ format: PixelFormat) {
        self.region = region
        self.size = size
        planes = format.inkPlanes
        let across = planes.map(\.sharing.across).max() ?? 1
        let down = planes.map(\.sharing.down).max() ?? 1
        let (right, low) = (region.x + region.size.width, region.y + region.size.height)
        columns = region.x / across * across..<(right + across - 1) / across * across
        rows = region.y / down * down..<min((low + down - 1) / down * down, size.height)
        cover = Cells(repeating: 0, count: columns.count)
        ink = Cells(repeating: 0, count: 3 * columns.count)
        coverSums = Cells(repeating: 0, count: columns.count / across)
        inkSums = Cells(repeating: 0, count: 3 * columns.count / across)
    }

    /// Makes the decal.
    func build(_ source: inout some InkSource) -> Decal {
        var parts = planes.map { Part($0, columns: columns, rows: rows, width: size.width) }
        let count = columns.count
        let row = InkRow(cover: cover.base, ink: (ink.base, ink.base + count, ink.base + 2 * count), count: count)
        let inside = row.dropping(region.x - columns.lowerBound, count: region.size.width)
        let down = planes.map(\.sharing.down).max() ?? 1
        let sharesChroma = planes.contains { $0.sharing != .none }
        for y in rows {
            if (region.y..<region.y + region.size.height).contains(y) {
                source.fill(inside, at: y - region.y)
            } else {
                row.clear()
            }
            repeatEdge(of: row)
            for index in parts.indices where parts[index].plane.sharing == .none { parts[index].append(row) }
            guard sharesChroma else { continue }
            let isFirst = y % down == 0
            let isLast = y % down == down - 1 || y == rows.upperBound - 1
            add(row, clearing: isFirst)
            guard isLast else { continue }
            let shift = 1 + UInt32(y % down)
            for index in parts.indices where parts[index].plane.sharing != .none {
                parts[index].append(coverSums.base, inkSums.base, count: count / 2, shift: shift)
            }
        }
        return Decal(parts.map(\.finished))
    }

    /// The last column of an odd width counts twice.
    private func repeatEdge(of row: InkRow) {
        guard columns.upperBound > size.width, row.count > 1 else { return }
        row.cover[row.count - 1] = row.cover[row.count - 2]
        for channel in 0..<3 { row[channel][row.count - 1] = row[channel][row.count - 2] }
    }

    /// Adds a row to the sums of the pairs of columns.
    private func add(_ row: InkRow, clearing: Bool) {
        let count = row.count / 2
        if clearing {
            coverSums.base.update(repeating: 0, count: count)
            inkSums.base.update(repeating: 0, count: 3 * count)
        }
        let (cover, coverSums) = (row.cover, coverSums.base)
        for index in 0..<count { coverSums[index] &+= UInt16(cover[2 * index]) &+ UInt16(cover[2 * index + 1]) }
        for channel in 1...2 {
            let (ink, sums) = (row[channel], inkSums.base + channel * count)
            for index in 0..<count { sums[index] &+= UInt32(ink[2 * index]) &+ UInt32(ink[2 * index + 1]) }
        }
    }

    /// A plane of the decal on its way.
    private struct Part {
        let plane: PixelFormat.InkPlane
        private let firstRow: Int
        private let firstByte: Int
        private let rowBytes: Int
        /// Bytes of a row that lie within the picture.
        private let visibleBytes: Int
        private let keep: Cells<UInt8>
        private let ink: Cells<UInt16>
        private var spans: [Range<Int>] = []

        init(_ plane: PixelFormat.InkPlane, columns: Range<Int>, rows: Range<Int>, width: Int) {
            self.plane = plane
            let (across, down, bytes) = (plane.sharing.across, plane.sharing.down, plane.channels.count)
            firstRow = rows.lowerBound / down
            firstByte = columns.lowerBound / across * bytes
            rowBytes = columns.count / across * bytes
            visibleBytes = min(rowBytes, (width + across - 1) / across * bytes - firstByte)
            let count = rowBytes * ((rows.count + down - 1) / down)
            keep = Cells(repeating: 255, count: count)
            ink = Cells(repeating: 0, count: count)
            spans.reserveCapacity(rows.count)
        }

        /// A row of pixels, each with its own samples.
        mutating func append(_ row: InkRow) {
            let start = spans.count * rowBytes
            let step = plane.channels.count
            for (offset, channel) in plane.channels.enumerated() {
                guard let channel else { continue }
                let (keep, ink) = (keep.base + start + offset, ink.base + start + offset)
                let (cover, source) = (row.cover, row[channel])
                if step == 1 {
                    for index in 0..<row.count { keep[index] = 255 &- cover[index] }
                    ink.update(from: source, count: row.count)
                } else {
                    for index in 0..<row.count {
                        keep[step * index] = 255 &- cover[index]
                        ink[step * index] = source[index]
                    }
                }
            }
            finishRow()
        }

        /// A row of shared samples, from sums over the pixels that share them; `shift` divides the sums.
        mutating func append(
            _ covers: UnsafePointer<UInt16>, _ inks: UnsafePointer<UInt32>, count: Int, shift: UInt32
        ) {
            let start = spans.count * rowBytes
            let step = plane.channels.count
            let half = UInt32(1) &<< (shift &- 1)
            for (offset, channel) in plane.channels.enumerated() {
                guard let channel else { continue }
                let (keep, ink) = (keep.base + start + offset, ink.base + start + offset)
                let source = inks + channel * count
                for index in 0..<count {
                    keep[step * index] = 255 &- UInt8(truncatingIfNeeded: (UInt32(covers[index]) &+ half) &>> shift)
                    ink[step * index] = UInt16(truncatingIfNeeded: (source[index] &+ half) &>> shift)
                }
            }
            finishRow()
        }

        /// Finds the bytes of the row that change.
        private mutating func finishRow() {
            let start = spans.count * rowBytes
            var (first, end) = (0, visibleBytes)
            while first < end, keep.base[start + first] == 255, ink.base[start + first] == 0 { first += 1 }
            while end > first, keep.base[start + end - 1] == 255, ink.base[start + end - 1] == 0 { end -= 1 }
            spans.append(first..<end)
        }

        var finished: Decal.Plane {
            Decal.Plane(
                firstRow: firstRow, firstByte: firstByte, rowBytes: rowBytes, keep: keep, ink: ink, spans: spans)
        }
    }
}

extension PixelRegion {
    /// The part that lies in a picture of this size; nil when nothing does.
    func clipped(to picture: Resolution) -> PixelRegion? {
        func edges(_ start: Int, _ length: Int, _ side: Int) -> Range<Int>? {
            let (end, overflows) = start.addingReportingOverflow(max(0, length))
            let (first, last) = (max(0, start), min(overflows ? side : end, side))
            return first < last ? first..<last : nil
        }
        guard let columns = edges(x, size.width, picture.width), let rows = edges(y, size.height, picture.height) else {
            return nil
        }
        return PixelRegion(x: columns.lowerBound, y: rows.lowerBound, size: Resolution(columns.count, rows.count))
    }
}
