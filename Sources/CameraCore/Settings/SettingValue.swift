// SPDX-License-Identifier: MIT

/// The value of a ``CameraSetting``.
public enum SettingValue: Hashable, Sendable {
    /// A whole number.
    case integer(Int)
    /// A number with a fraction.
    case number(Double)
    /// On or off.
    case boolean(Bool)
    /// One of several words, such as ``ExposureMode``'s raw value.
    case choice(String)
    /// A time.
    case duration(Duration)
    /// The gains of red and blue.
    case gains(AWBGains)
    /// A part of the picture.
    case region(ZoomRegion)
    /// A range of frame rates to choose from.
    case rates(FrameRateRange)
}

extension SettingValue: CustomStringConvertible {
    /// The text for messages, as it can be set: "50", "on", "night", "10000us", "1.5,1.2".
    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .boolean(let value): value ? "on" : "off"
        case .choice(let value): value
        case .duration(let value): value.inMicroseconds
        case .gains(let value): "\(value)"
        case .region(let value): "\(value)"
        case .rates(let value): "\(value)"
        }
    }
}

extension Duration {
    /// Whole microseconds with their unit, picamera's measure of exposures; 0 without.
    package var inMicroseconds: String {
        let microseconds = (nanoseconds + 500) / 1000
        return microseconds == 0 ? "0" : "\(microseconds)us"
    }
}
