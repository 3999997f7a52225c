// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit

/// A setting of a camera, as the page is told.
struct SettingState: Encodable, Sendable {
    let name: String
    /// How it is entered: "integer", "number", "boolean", "choice", "duration", "text".
    let kind: String
    let unit: String?
    let minimum: Double?
    let maximum: Double?
    let choices: [String]?
    /// As it can be set; nil where the camera does not tell it.
    let value: String?
    let `default`: String?
    let isWritable: Bool

    init(_ description: SettingDescription) {
        name = "\(description.setting)"
        isWritable = description.isWritable
        value = description.value?.text
        self.default = description.defaultValue?.text
        let entry = Entry(description.values)
        (kind, unit, minimum, maximum, choices) = (entry.kind, entry.unit, entry.minimum, entry.maximum, entry.choices)
    }

    private struct Entry {
        let kind: String
        var unit: String?
        var minimum: Double?
        var maximum: Double?
        var choices: [String]?

        init(_ values: SettingDescription.Values) {
            switch values {
            case .integers(let range):
                kind = "integer"
                (minimum, maximum) = (Double(range.lowerBound), Double(range.upperBound))
            case .numbers(let range):
                kind = "number"
                (minimum, maximum) = (range.lowerBound, range.upperBound)
            case .boolean: kind = "boolean"
            case .oneOf(let numbers):
                kind = "choice"
                choices = numbers.map { "\($0)" }
            case .choices(let words):
                kind = "choice"
                choices = words
            case .durations(let range):
                (kind, unit) = ("duration", "µs")
                (minimum, maximum) = (Self.microseconds(range.lowerBound), Self.microseconds(range.upperBound))
            case .gains, .regions, .rates: kind = "text"
            @unknown default: kind = "text"
            }
        }

        private static func microseconds(_ duration: Duration) -> Double { Double(duration.nanoseconds / 1000) }
    }
}

extension SettingValue {
    /// As it can be set; a time without its unit, which is microseconds.
    fileprivate var text: String {
        if case .duration(let duration) = self { return "\(duration.nanoseconds / 1000)" }
        return "\(self)"
    }
}

/// A string, number or truth value of JSON.
enum JSONScalar: Decodable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// As settings are read from text.
    var text: String {
        switch self {
        case .text(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .boolean(let isOn): isOn ? "on" : "off"
        }
    }
}
