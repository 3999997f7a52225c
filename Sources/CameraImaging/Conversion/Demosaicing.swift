// SPDX-License-Identifier: MIT

public import CameraCore

/// Gives each pixel behind a filter the two colours that it lacks: the mean of those of its eight neighbours that have them.
///
/// What lies beyond an edge is a mirror of what lies before it, so that the pattern goes on. A picture of a single row or
/// column has no neighbours of some colours; it takes its own number for them.
struct Demosaicing {
    let order: BayerPattern.Order
    let size: Resolution

    /// Makes a picture row by row, from the first to the last.
    ///
    /// - Parameters:
    ///   - read: Writes the samples of a row.
    ///   - write: Takes a row of pixels: R, G and B of each.
    func run(
        read: (_ row: Int, _ samples: UnsafeMutablePointer<UInt16>) -> Void,
        write: (_ row: Int, _ pixels: UnsafePointer<UInt16>) -> Void
    ) {
        let (width, height) = (size.width, size.height)
        // Three rows of samples with one more at each end, and a row of pixels.
        let stride = width + 2
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 3 * stride + 3 * width) { memory in
            memory.initialize(repeating: 0)
            guard let start = memory.baseAddress else { return }
            let pixels = start + 3 * stride
            func samples(_ row: Int) -> UnsafeMutablePointer<UInt16> { start + row % 3 * stride + 1 }
            func load(_ row: Int) {
                let target = samples(row)
                read(row, target)
                target[-1] = target[min(1, width - 1)]
                target[width] = target[max(width - 2, 0)]
            }
            load(0)
            for row in 0..<height {
                if row + 1 < height { load(row + 1) }
                let above = row > 0 ? row - 1 : min(1, height - 1)
                let below = row + 1 < height ? row + 1 : max(height - 2, 0)
                fill(row, samples(above), samples(row), samples(below), into: pixels)
                write(row, pixels)
            }
        }
    }

    /// Makes the pixels of a row out of its samples and those above and below.
    private func fill(
        _ row: Int, _ above: UnsafePointer<UInt16>, _ own: UnsafePointer<UInt16>, _ below: UnsafePointer<UInt16>,
        into pixels: UnsafeMutablePointer<UInt16>
    ) {
        let isGreenFirst = order.color(row: row, column: 0) == 1
        // Red or blue, whichever this row has, and the other one.
        let present = order.color(row: row, column: isGreenFirst ? 1 : 0)
        let absent = 2 - present
        let firstGreen = isGreenFirst ? 0 : 1
        var x = firstGreen
        while x < size.width {
            let pixel = pixels + 3 &* x
            pixel[1] = own[x]
            pixel[present] = Self.mean(own[x &- 1], own[x &+ 1])
            pixel[absent] = Self.mean(above[x], below[x])
            x &+= 2
        }
        x = 1 - firstGreen
        while x < size.width {
            let pixel = pixels + 3 &* x
            pixel[present] = own[x]
            pixel[1] = Self.mean(own[x &- 1], own[x &+ 1], above[x], below[x])
            pixel[absent] = Self.mean(above[x &- 1], above[x &+ 1], below[x &- 1], below[x &+ 1])
            x &+= 2
        }
    }

    private static func mean(_ a: UInt16, _ b: UInt16) -> UInt16 {
        UInt16(truncatingIfNeeded: (UInt32(a) &+ UInt32(b) &+ 1) &>> 1)
    }

    private static func mean(_ a: UInt16, _ b: UInt16, _ c: UInt16, _ d: UInt16) -> UInt16 {
        UInt16(truncatingIfNeeded: (UInt32(a) &+ UInt32(b) &+ UInt32(c) &+ UInt32(d) &+ 2) &>> 2)
    }
}

extension Frame {
    /// Writes the samples of a row of a Bayer frame, at the sensor's bit depth.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - pattern: The pattern of the frame's format.
    ///   - samples: Room for as many samples as the frame is wide.
    package func copyBayerRow(_ row: Int, _ pattern: BayerPattern, to samples: UnsafeMutablePointer<UInt16>) {
        let plane = plane(0)
        let bytes = plane.baseAddress + row * plane.stride
        let width = size.width
        switch (pattern.bits, pattern.isPacked) {
        case (8, _):
            for x in 0..<width { samples[x] = UInt16(bytes.load(fromByteOffset: x, as: UInt8.self)) }
        case (_, true):
            // Four bytes with the upper eight bits of four samples, then a byte with their lower bits.
            for x in 0..<width {
                let group = bytes + 5 &* (x &>> 2)
                let upper = group.load(fromByteOffset: x & 3, as: UInt8.self)
                let lower = group.load(fromByteOffset: 4, as: UInt8.self) &>> (2 &* UInt8(x & 3)) & 3
                samples[x] = UInt16(upper) &<< 2 | UInt16(lower)
            }
        default:
            for x in 0..<width {
                samples[x] = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 &* x, as: UInt16.self))
            }
        }
    }

    /// The frame as red, green and blue of 8 bits at each pixel; it is kept for those who need it again.
    func demosaiced(_ pattern: BayerPattern, from pool: BytePool) throws(CameraError) -> Frame {
        let key = DerivationKey(format: .rgb24, size: size, color: .sRGB)
        if let known = derived(key) { return known }
        guard let bytes = pool.take(3 * size.pixelCount) else {
            throw CameraError(.system, Conversion.operation, reason: "no memory left in the pool")
        }
        let target = bytes.baseAddress.assumingMemoryBound(to: UInt8.self)
        let rowLength = 3 * size.width
        let excess = UInt16(pattern.bits - 8)
        Demosaicing(order: pattern.order, size: size).run {
            copyBayerRow($0, pattern, to: $1)
        } write: { row, pixels in
            let line = target + row * rowLength
            for index in 0..<rowLength { line[index] = UInt8(truncatingIfNeeded: min(pixels[index] &>> excess, 255)) }
        }
        let frame = Frame(packed: .rgb24, size: size, color: .sRGB, info: info, bytes: bytes)
        keep(frame, as: key)
        return frame
    }
}

extension PixelArray<UInt16> {
    /// Makes red, green and blue of the samples of a Bayer sensor, at full precision.
    ///
    /// A colour that a pixel lacks is the mean of those of its eight neighbours that have it; the picture is mirrored at its
    /// edges. White balance is left to the caller: a sensor's green is the strongest.
    ///
    /// - Parameter pattern: The pattern of the frame's format, ``PixelFormat/bayer``.
    /// - Returns: Red, green and blue of each pixel, at the sensor's bit depth.
    /// - Throws: `.invalidValue` for an array of more than one channel.
    public func demosaiced(_ pattern: BayerPattern) throws(CameraError) -> PixelArray<UInt16> {
        guard channels == 1 else {
            throw CameraError(
                .invalidValue, "demosaicing", subject: "\(channels) channels",
                reason: "the pixels of a sensor have one channel each")
        }
        let source = elements
        return PixelArray(rows: rows, columns: columns, channels: 3) { target in
            Demosaicing(order: pattern.order, size: Resolution(columns, rows)).run { row, samples in
                source.withUnsafeBufferPointer { elements in
                    guard let start = elements.baseAddress else { return }
                    samples.update(from: start + row * columns, count: columns)
                }
            } write: { row, pixels in
                (target + 3 * row * columns).update(from: pixels, count: 3 * columns)
            }
        }
    }
}
