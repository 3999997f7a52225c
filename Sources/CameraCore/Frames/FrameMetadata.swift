// SPDX-License-Identifier: MIT

/// How the camera took a picture; the parts that the camera does not tell are nil.
public struct FrameMetadata: Hashable, Sendable {
    /// The exposure time of each row.
    public var exposureTime: Duration?
    /// The time from one picture to the next.
    public var frameDuration: Duration?
    /// The analog gain of the sensor; 1 for none.
    public var analogGain: Float?
    /// The digital gain after the sensor; 1 for none.
    public var digitalGain: Float?
    /// The white balance gains of red and blue.
    public var awbGains: AWBGains?
    /// The colour temperature of the light, in kelvin.
    public var colorTemperature: Int?
    /// How bright the scene is, in lux.
    public var lux: Float?
    /// The sensor's temperature, in degrees Celsius.
    public var sensorTemperature: Float?
    /// The focus position of the lens, in dioptres: 0 at infinity.
    public var lensPosition: Float?
    /// The sharpness of the picture, in the camera's own units: only for comparison.
    public var focusMeasure: Int?

    /// Makes metadata with all parts nil.
    public init() {}
}
