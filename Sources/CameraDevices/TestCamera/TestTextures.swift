// SPDX-License-Identifier: MIT

/// What test pictures are made of: textures without seams, made once for all test cameras.
///
/// The sum of ``detail``, ``light`` and ``grain`` stays below 220, so drawing needs no clamping.
final class TestTextures: @unchecked Sendable {
    // Unchecked: written by init, read only afterwards, never freed.

    /// Luma with detail at all scales.
    let detail: Texture
    /// Soft luma that passes over the rest like the shadows of clouds.
    let light: Texture
    /// Blue-difference chroma.
    let blue: Texture
    /// Red-difference chroma.
    let red: Texture
    /// Film grain: independent samples of 0...14, most often 7.
    let grain: UnsafePointer<UInt8>
    /// Samples of ``grain``: room for the widest row at any offset below ``grainOffsets``.
    private static let grainCount = 2 * grainOffsets
    /// Offsets at which a row of grain may begin.
    static let grainOffsets = 16384

    static let shared = TestTextures()

    /// A square of samples that joins itself at opposite sides.
    struct Texture {
        let samples: UnsafePointer<UInt8>
        /// A power of two.
        let side: Int

        /// The samples of a row, which may be any number.
        func row(_ row: Int) -> UnsafePointer<UInt8> { samples + (row & (side - 1)) * side }
    }

    private init() {
        var random = SplitMix64(state: 0x7E57_CA3E_4A00_0001)
        let detail: [Octave] = [(6, 52), (5, 30), (4, 20), (3, 15), (2, 10)]
        self.detail = Self.noise(side: 512, base: 16, detail, &random)
        light = Self.noise(side: 256, base: 0, [(7, 48), (6, 12)], &random)
        let tint: [Octave] = [(6, 60), (4, 20)]
        blue = Self.noise(side: 256, base: 88, tint, &random)
        red = Self.noise(side: 256, base: 88, tint, &random)
        let grain = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.grainCount)
        for index in 0..<Self.grainCount / 8 {
            // Two numbers of 0...7 in each byte give a triangular distribution.
            let bits = random.next()
            let sum = (bits & 0x0707_0707_0707_0707) + (bits >> 4 & 0x0707_0707_0707_0707)
            UnsafeMutableRawPointer(grain).storeBytes(of: sum.littleEndian, toByteOffset: index * 8, as: UInt64.self)
        }
        self.grain = UnsafePointer(grain)
    }

    /// One scale of noise: random values 2^`shift` pixels apart, below `amplitude`, and straight lines between them.
    private typealias Octave = (shift: Int, amplitude: Int)

    /// Value noise: the sum of octaves, each interpolated between random values on a grid that wraps around.
    private static func noise(side: Int, base: UInt8, _ octaves: [Octave], _ random: inout SplitMix64) -> Texture {
        let samples = UnsafeMutablePointer<UInt8>.allocate(capacity: side * side)
        samples.initialize(repeating: base, count: side * side)
        for octave in octaves {
            let cell = 1 << octave.shift
            let cells = side / cell
            let grid = (0..<cells * cells).map { _ in UInt16(truncatingIfNeeded: random.next() & 0xFF) }
            // One row, interpolated between two rows of the grid; its end is its beginning.
            var line = [UInt16](repeating: 0, count: cells + 1)
            for y in 0..<side {
                let top = y >> octave.shift * cells
                let bottom = (y >> octave.shift + 1) % cells * cells
                let below = UInt16(y & (cell - 1))
                for x in 0..<cells {
                    line[x] = grid[top + x] * (UInt16(cell) - below) + grid[bottom + x] * below
                }
                line[cells] = line[0]
                var output = samples + y * side
                for x in 0..<cells {
                    // Fixed point: `value` counts 2^(2 shift + 8) for the full amplitude.
                    let step = (Int32(line[x + 1]) - Int32(line[x])) * Int32(octave.amplitude)
                    var value = Int32(line[x]) * Int32(octave.amplitude) << Int32(octave.shift)
                    for pixel in 0..<cell {
                        output[pixel] &+= UInt8(truncatingIfNeeded: value >> Int32(2 * octave.shift + 8))
                        value &+= step
                    }
                    output += cell
                }
            }
        }
        return Texture(samples: UnsafePointer(samples), side: side)
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014): the same numbers everywhere.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
