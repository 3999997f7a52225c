// SPDX-License-Identifier: MIT

/// A setting of a camera: its range there, its value and its default.
public struct SettingDescription: Hashable, Sendable {
    /// The setting.
    public var setting: CameraSetting
    /// The values that the setting takes: picamera's range, or the part of it that the camera has.
    public var values: Values
    /// The present value; nil when the driver does not tell it, or is at a choice that picamera has no word for.
    public var value: SettingValue?
    /// The value that the camera starts with; nil when it is not known.
    public var defaultValue: SettingValue?
    /// Whether it can be set.
    public var isWritable: Bool

    /// Describes a setting.
    public init(
        _ setting: CameraSetting, _ values: Values, value: SettingValue?, defaultValue: SettingValue? = nil,
        isWritable: Bool = true
    ) {
        self.setting = setting
        self.values = values
        self.value = value
        self.defaultValue = defaultValue
        self.isWritable = isWritable
    }

    /// What a setting takes.
    public enum Values: Hashable, Sendable {
        /// Whole numbers in a range; a number that the camera does not have becomes the nearest one that it has.
        case integers(ClosedRange<Int>)
        /// One of these numbers.
        case oneOf([Int])
        /// Numbers with a fraction.
        case numbers(ClosedRange<Double>)
        /// On or off.
        case boolean
        /// One of these words.
        case choices([String])
        /// Times in a range; a time that the camera does not have becomes the nearest one that it has.
        case durations(ClosedRange<Duration>)
        /// Gains of red and blue, both in this range.
        case gains(ClosedRange<Double>)
        /// Any part of the picture.
        case regions
        /// Ranges of frame rates that lie within this one.
        case rates(FrameRateRange)
    }
}

extension SettingDescription {
    /// Makes sure that the setting takes a value.
    ///
    /// - Throws: `.unsupported` when it can only be read; `.invalidValue` with what it takes.
    package func check(_ value: SettingValue, of device: String) throws(CameraError) {
        let operation = "setting \(setting) to \(value)"
        guard isWritable else {
            throw CameraError(.unsupported, operation, subject: device, reason: "it can only be read")
        }
        guard values.contain(value) else {
            throw CameraError(.invalidValue, operation, subject: device, reason: "it takes \(values.words)")
        }
    }

    /// Whether it can be set to a value.
    package func takes(_ value: SettingValue) -> Bool { isWritable && values.contain(value) }

    /// Reads a value from text: "50", "on", "night", "10ms", "1.5,1.2", "0.25,0.25,0.5,0.5".
    ///
    /// - Parameters:
    ///   - text: The text. A time without a unit is in microseconds, as picamera has it.
    ///   - device: The camera, for the error's text.
    /// - Returns: A value that the setting takes.
    /// - Throws: `.unsupported` when the setting can only be read; `.invalidValue` with what it takes.
    public func value(parsing text: String, of device: String) throws(CameraError) -> SettingValue {
        guard let value = values.value(parsing: text) else {
            throw CameraError(
                .invalidValue, "setting \(setting) to \(text)", subject: device, reason: "it takes \(values.words)")
        }
        try check(value, of: device)
        return value
    }
}

extension SettingDescription.Values: CustomStringConvertible {
    /// The range or the choices, for lists: "0...100", "off, auto".
    public var description: String {
        switch self {
        case .integers(let range): "\(range.lowerBound)...\(range.upperBound)"
        case .oneOf(let numbers): numbers.map(String.init).joined(separator: ", ")
        case .numbers(let range): "\(range.lowerBound)...\(range.upperBound)"
        case .boolean: "off, on"
        case .choices(let words): words.joined(separator: ", ")
        case .durations(let range): "\(range.lowerBound.inMicroseconds)...\(range.upperBound.inMicroseconds)"
        case .gains(let range): "RED,BLUE \(range.lowerBound)...\(range.upperBound)"
        case .regions: "X,Y,WIDTH,HEIGHT 0.0...1.0"
        case .rates(let range): "LOW,HIGH \(range.low)...\(range.high)"
        }
    }

    /// What a setting takes, in words.
    fileprivate var words: String {
        switch self {
        case .integers(let range): "whole numbers from \(range.lowerBound) to \(range.upperBound)"
        case .numbers(let range): "numbers from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "on and off"
        case .oneOf, .choices: description
        case .durations(let range):
            "times from \(range.lowerBound.inMicroseconds) to \(range.upperBound.inMicroseconds)"
                + (range.lowerBound == .zero ? ", 0 for automatic" : "")
        case .gains(let range):
            "two factors, of red and blue, from \(range.lowerBound) to \(range.upperBound): 1.5,1.2"
        case .regions: "x,y,width,height as shares of the picture from 0 to 1: 0.25,0.25,0.5,0.5"
        case .rates(let range): "a lowest and a highest rate within \(range.low) and \(range.high): 5,30"
        }
    }

    fileprivate func contain(_ value: SettingValue) -> Bool {
        switch (self, value) {
        case (.integers(let range), .integer(let number)): range.contains(number)
        case (.oneOf(let numbers), .integer(let number)): numbers.contains(number)
        case (.numbers(let range), .number(let number)): range.contains(number)
        case (.boolean, .boolean): true
        case (.choices(let words), .choice(let word)): words.contains(word)
        case (.durations(let range), .duration(let time)): range.contains(time)
        case (.gains(let range), .gains(let gains)): range.contains(gains.red) && range.contains(gains.blue)
        case (.regions, .region(let region)): region.isValid
        case (.rates(let range), .rates(let rates)): range.contains(rates)
        default: false
        }
    }

    fileprivate func value(parsing text: String) -> SettingValue? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.compactMap(Double.init)
        switch self {
        case .integers, .oneOf: return Int(text).map(SettingValue.integer)
        case .numbers: return Double(text).map(SettingValue.number)
        case .boolean: return Bool(word: text).map(SettingValue.boolean)
        case .choices: return .choice(text.lowercased())
        case .durations: return Duration(exposure: text).map(SettingValue.duration)
        case .gains:
            // picamera takes one number for both.
            guard numbers.count == parts.count, let red = numbers.first, let blue = numbers.last, numbers.count <= 2
            else { return nil }
            return .gains(AWBGains(red: red, blue: blue))
        case .regions:
            guard numbers.count == 4, parts.count == 4 else { return nil }
            return .region(ZoomRegion(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3]))
        case .rates:
            guard parts.count == 2, let low = try? FrameRate(parsing: parts[0]),
                let high = try? FrameRate(parsing: parts[1])
            else { return nil }
            return .rates(FrameRateRange(low: low, high: high))
        }
    }
}

extension Duration {
    /// Reads a time of exposure: "10000", "10000us", "10ms", "0.5s"; without a unit in microseconds.
    fileprivate init?(exposure text: String) {
        let units: [(String, Double)] = [("us", 1e3), ("ms", 1e6), ("s", 1e9), ("", 1e3)]
        guard let (suffix, factor) = units.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(suffix.count)), number >= 0, number * factor <= 1e15
        else { return nil }
        self = .nanoseconds(Int64((number * factor).rounded()))
    }
}
