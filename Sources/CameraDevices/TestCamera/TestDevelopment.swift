// SPDX-License-Identifier: MIT

internal import CameraCore

/// Makes luma and chroma of what a look leaves of the light.
///
/// Red and blue are those of BT.601 with limited range (ITU-R BT.601-7, section 2.5), in luma's 219 steps.
struct TestDevelopment {
    /// Luma for each whole step of light.
    private let tones: [UInt8]
    /// What luma, red-difference and blue-difference samples give to light, in 1/4096 steps.
    private let lumaLight: [Int32]
    private let redLight: [Int32]
    private let blueLight: [Int32]
    private let redGain: Float
    private let blueGain: Float
    /// The factor of what is left of colour.
    private let colors: Float
    /// Whether gains mix luma with colour, so that no sample's result depends on itself alone.
    private let isTinted: Bool

    /// Steps of red and of blue for one of their difference.
    private static let redStep: Float = 1.402 * 219 / 224
    private static let blueStep: Float = 1.772 * 219 / 224
    /// Their shares of luma.
    private static let redShare: Float = 0.299
    private static let blueShare: Float = 0.114
    /// Bits behind the point of ``lumaLight`` and the others.
    private static let fraction: Int32 = 12

    init(_ look: TestLook) {
        isTinted = look.gains != TestLook.plain.gains
        redGain = Float(look.gains.red)
        blueGain = Float(look.gains.blue)
        let red = Self.redShare * (redGain - 1)
        let blue = Self.blueShare * (blueGain - 1)
        lumaLight = Self.table(1 + red + blue, middle: 16)
        redLight = Self.table(red * Self.redStep, middle: 128)
        blueLight = Self.table(blue * Self.blueStep, middle: 128)
        // A sensor that is full has no colour to add.
        colors = Float(min(look.exposure, 1) * look.saturation)
        tones = (0...Self.brightest).map { light in
            let exposed = min(Double(light) * look.exposure, 219)
            // 110 is the middle of 0...219.
            let shown = (exposed - 110) * look.contrast + 110 + look.brightness
            return UInt8(16 + min(max(shown, 0), 219).rounded())
        }
    }

    /// The most light that there can be: gains of 8 for white, red and blue.
    private static let brightest = 2047

    /// Develops all of a scene in place.
    func apply(to scene: DevelopedScene) {
        guard isTinted else {
            let samples = (0...255 as ClosedRange<UInt8>)
            return scene.replace(
                luma: samples.map { tone($0, 0) }, chroma: samples.map { Self.chroma((Float($0) - 128) * colors) })
        }
        scene.forEachRow { luma, blue, red, width in
            for column in 0..<(width + 1) / 2 {
                let (blueSample, redSample) = (blue[column], red[column])
                let color = redLight[Int(redSample)] &+ blueLight[Int(blueSample)]
                let light = Float(luma[0][2 * column]) - 16
                for row in luma {
                    for x in 2 * column..<min(2 * column + 2, width) { row[x] = tone(row[x], color) }
                }
                develop(&blue[column], &red[column], light: light)
            }
        }
    }

    /// The products of all samples' distances from a middle and a factor.
    private static func table(_ factor: Float, middle: Int) -> [Int32] {
        (0..<256).map { Int32((factor * Float(($0 - middle) << fraction)).rounded()) }
    }

    private func tone(_ sample: UInt8, _ color: Int32) -> UInt8 {
        let half: Int32 = 1 << (Self.fraction - 1)
        let light = (lumaLight[Int(sample)] &+ color &+ half) >> Self.fraction
        return tones[min(max(Int(light), 0), Self.brightest)]
    }

    /// Applies the gains to a pair of chroma samples over so much light.
    private func develop(_ blue: inout UInt8, _ red: inout UInt8, light: Float) {
        let redLight = light + Self.redStep * (Float(red) - 128)
        let blueLight = light + Self.blueStep * (Float(blue) - 128)
        let white = light + Self.redShare * (redGain - 1) * redLight + Self.blueShare * (blueGain - 1) * blueLight
        blue = Self.chroma((blueGain * blueLight - white) / Self.blueStep * colors)
        red = Self.chroma((redGain * redLight - white) / Self.redStep * colors)
    }

    private static func chroma(_ difference: Float) -> UInt8 {
        UInt8(min(max(128 + difference, 16), 240).rounded())
    }
}
