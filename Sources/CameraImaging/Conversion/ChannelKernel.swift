// SPDX-License-Identifier: MIT

/// Computes one channel of a row as a weighted sum of channels, in integers.
///
/// libyuv has such routines for RGB, but with 6 bits of fraction and weights below 2, which takes up to 14 levels of blue
/// away from BT.709; here the rounding of the result is all that is lost. The loops have the shape that the compiler turns
/// into SIMD: 16-bit factors, 32-bit sums, one output; a row of 1920 samples takes less than a microsecond.
/// ``RangeKernel`` is for sums of one channel.
struct ChannelKernel {
    private let a: Int16
    private let b: Int16
    private let c: Int16
    private let bias: Int32

    /// Binary digits of the weights behind the point, so that weights below 4 fit in 16 bits.
    private static let fraction: Int32 = 13

    /// Rounds the weights of `sum`, none of which reaches 4.
    init(_ sum: ColorMatrix.Sum) {
        let one = Double(1 << Self.fraction)
        a = Int16((sum.weights.x * one).rounded())
        b = Int16((sum.weights.y * one).rounded())
        c = Int16((sum.weights.z * one).rounded())
        bias = Int32((sum.offset * one).rounded()) + 1 << (Self.fraction - 1)
    }

    /// Mixes three rows into one of `count` samples, which overlaps none of them.
    func mix(
        _ x: UnsafePointer<UInt8>, _ y: UnsafePointer<UInt8>, _ z: UnsafePointer<UInt8>,
        into target: UnsafeMutablePointer<UInt8>, count: Int
    ) {
        let (a, b, c, bias) = (Int32(a), Int32(b), Int32(c), bias)
        for index in 0..<count {
            let sum = Int32(x[index]) &* a &+ Int32(y[index]) &* b &+ Int32(z[index]) &* c &+ bias
            target[index] = Self.clamped(sum &>> Self.fraction)
        }
    }

    /// Mixes three rows of sums of four samples, such as ``addBlocks(of:and:into:width:)`` makes, into one of `count` averages.
    func mixBlocks(
        _ x: UnsafePointer<UInt16>, _ y: UnsafePointer<UInt16>, _ z: UnsafePointer<UInt16>,
        into target: UnsafeMutablePointer<UInt8>, count: Int
    ) {
        let (a, b, c, bias) = (Int32(a), Int32(b), Int32(c), bias &<< 2)
        for index in 0..<count {
            // Sums of four bytes fit in 16 bits with a sign, which is what the processor multiplies fastest.
            let (x, y, z) = (Int16(bitPattern: x[index]), Int16(bitPattern: y[index]), Int16(bitPattern: z[index]))
            let sum = Int32(x) &* a &+ Int32(y) &* b &+ Int32(z) &* c &+ bias
            target[index] = Self.clamped(sum &>> (Self.fraction + 2))
        }
    }

    /// Adds up the four samples of each block of two columns in two rows; the last column of an odd width counts twice.
    static func addBlocks(
        of upper: UnsafePointer<UInt8>, and lower: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt16>,
        width: Int
    ) {
        let (upperPairs, lowerPairs) = (UnsafeRawPointer(upper), UnsafeRawPointer(lower))
        for index in 0..<width / 2 {
            let above = upperPairs.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
            let below = lowerPairs.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
            target[index] = (above & 0xff) &+ (above &>> 8) &+ (below & 0xff) &+ (below &>> 8)
        }
        if width % 2 == 1 {
            target[width / 2] = 2 * (UInt16(upper[width - 1]) + UInt16(lower[width - 1]))
        }
    }

    @inline(__always)
    private static func clamped(_ value: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: max(0, min(255, value)))
    }
}
