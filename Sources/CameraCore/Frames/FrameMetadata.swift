// SPDX-License-Identifier: MIT

/// How the camera took a picture, as far as it tells.
public struct FrameMetadata: Hashable, Sendable {
    /// How long each row was exposed.
    public var exposureTime: Duration?
    /// The time from one picture to the next.
    public var frameDuration: Duration?
    /// The sensor's amplification, 1 for none.
    public var analogGain: Float?
    /// The amplification after the sensor, 1 for none.
    public var digitalGain: Float?
    /// The white balance's amplification of red and blue.
    public var awbGains: AWBGains?
    /// The colour of the light, in kelvin.
    public var colorTemperature: Int?
    /// How bright the scene is, in lux.
    public var lux: Float?
    /// The sensor's temperature, in degrees Celsius.
    public var sensorTemperature: Float?
    /// Where the lens stands, in dioptres: 0 at infinity.
    public var lensPosition: Float?
    /// How sharp the picture is, in units of the camera's own: only for comparison.
    public var focusMeasure: Int?

    /// Makes metadata that tells nothing.
    public init() {}
}
