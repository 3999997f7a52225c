// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

/// What a test camera's controls make of its scene.
struct TestLook: Hashable, Sendable {
    /// The part of the scene that is shown.
    var region = ZoomRegion.full
    /// How wide a point of the scene becomes, as a share of the picture's height.
    var blur = 0.0
    /// The factor of all light.
    var exposure = 1.0
    /// The factors of red and blue.
    var gains = AWBGains(red: 1, blue: 1)
    /// What is added to luma, in its 219 steps.
    var brightness = 0.0
    /// The factor of luma's distance from the middle.
    var contrast = 1.0
    /// The factor of chroma.
    var saturation = 1.0

    /// The scene as it is.
    static let plain = TestLook()

    private init() {}

    init(_ controls: TestControls, _ exposure: TestExposure) {
        region = controls.region
        // Five dioptres off, a point is a twentieth of the picture.
        blur = Double(abs(controls.focus - TestControl.focus.initial)) / 1000
        self.exposure = exposure.brightness
        gains = controls.gains
        // Black and white at the ends.
        brightness = 219 * Self.share(controls[.brightness])
        contrast = 1 + Self.share(controls[.contrast])
        saturation = 1 + Self.share(controls[.saturation])
    }

    /// A control of 0...255 as -1...1, with 0 for the 128 that it starts with.
    private static func share(_ number: Int64) -> Double {
        number < 128 ? Double(number - 128) / 128 : Double(number - 128) / 127
    }

    /// The gains that make light of a temperature white, where the scene's own light needs none.
    ///
    /// The scene lies in sunlight, so that gains for lamps make it blue, and those for shade make it red.
    static func gains(forKelvin kelvin: Double) -> AWBGains {
        let red = pow(kelvin / 5750, 0.8)
        return AWBGains(red: red, blue: 1 / red)
    }
}
