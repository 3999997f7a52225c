// SPDX-License-Identifier: MIT

/// Stretches and shifts one channel of a row: `weight * x + offset`, rounded and clamped to a byte.
///
/// All of it fits in unsigned 16-bit numbers, of which the processor handles twice as many at once as of the 32-bit sums
/// of ``ChannelKernel``: multiplying keeps the upper half of the product, and what is below zero saturates.
package struct RangeKernel: Sendable {
    private let floor: UInt16
    private let factor: UInt16
    private let bias: UInt16

    /// Rounds the weight, which lies above 0 and below 1.5.
    init(weight: Double, offset: Double) {
        precondition(weight > 0 && weight < 1.5, "the products fit in 16 bits")
        // Samples have 8 digits behind the point, the factor 15, so that products have 7.
        floor = UInt16((max(0, -offset / weight) * 256).rounded())
        factor = UInt16((weight * 32768).rounded())
        bias = UInt16((max(0, offset) * 128).rounded()) + 64
    }

    /// Maps `count` samples; the rows do not overlap.
    package func map(_ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int) {
        let (floor, factor, bias) = (floor, UInt32(factor), bias)
        for index in 0..<count {
            let sample = UInt16(source[index]) &<< 8
            let above = max(sample, floor) &- floor
            let product = UInt16(truncatingIfNeeded: (UInt32(above) &* factor) &>> 16)
            target[index] = UInt8(truncatingIfNeeded: min((product &+ bias) &>> 7, 255))
        }
    }
}

extension PlaneView {
    /// Maps every sample into a plane of the same sides.
    func map(with kernel: RangeKernel, to target: PlaneBuffer) {
        for index in 0..<height { kernel.map(row(index), into: target.row(index), count: Int(width)) }
    }
}
