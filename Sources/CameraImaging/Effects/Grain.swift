// SPDX-License-Identifier: MIT

internal import CameraCore

/// Noise like that of film; the same frame always has the same.
final class Grain: Sendable {
    /// The noise, made when it is first needed.
    static let shared = Grain()

    /// Numbers around 0 that nearly follow the normal distribution, 32 apart.
    private let noise: Cells<Int8>
    /// Rows begin anywhere in the first part.
    private static let starts = 1 << 16

    private init() {
        noise = Cells(repeating: 0, count: Self.starts + Resolution.largestSide)
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for index in 0..<noise.count {
            state = Self.next(state)
            // The sum of eight bytes has a spread of 209.
            let sum = (0..<8).reduce(0) { $0 + Int((state >> (8 * UInt64($1))) & 0xff) } - 1020
            noise.base[index] = Int8(max(-127, min(127, sum * 32 / 209)))
        }
    }

    /// Adds grain whose spread is a quarter of `strength`.
    func add(to plane: PictureMemory.Plane, strength: Int16, number: UInt64) {
        var state = number &+ 1
        for row in 0..<plane.rows {
            state = Self.next(state &+ UInt64(row))
            let (noise, target) = (noise.base + Int(state >> 48), plane.row(row))
            for index in 0..<plane.rowBytes {
                let value = Int16(target[index]) &+ (Int16(noise[index]) &* strength) &>> 7
                target[index] = UInt8(truncatingIfNeeded: max(0, min(255, value)))
            }
        }
    }

    /// The finaliser of SplitMix64 by Vigna, which spreads neighbouring numbers.
    private static func next(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
