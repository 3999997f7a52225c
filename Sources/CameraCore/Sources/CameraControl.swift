// SPDX-License-Identifier: MIT

/// A setting of a camera by its driver's name and in its driver's units, such as "brightness" from 0 to 255.
public struct CameraControl: Hashable, Sendable {
    /// The driver's name; of a V4L2 driver in lower case with underscores: "white_balance_automatic".
    public var name: String
    /// What values it takes.
    public var kind: Kind
    /// The present value; nil when it cannot be read.
    public var value: ControlValue?
    /// The value that the driver starts with.
    public var defaultValue: ControlValue?
    /// What can be done with it now.
    public var traits: Traits

    /// Describes a control.
    public init(
        name: String, kind: Kind, value: ControlValue?, defaultValue: ControlValue?, traits: Traits = []
    ) {
        self.name = name
        self.kind = kind
        self.value = value
        self.defaultValue = defaultValue
        self.traits = traits
    }

    /// Whether it can be set now.
    public var isWritable: Bool { traits.isDisjoint(with: [.readOnly, .busy]) }

    /// The values that a control takes.
    public enum Kind: Hashable, Sendable {
        /// Whole numbers in a range; what lies between two steps becomes the nearer one.
        case integer(ClosedRange<Int64>, step: Int64)
        /// Numbers with a fraction.
        case number(ClosedRange<Double>)
        /// On or off.
        case boolean
        /// One of several choices: their numbers and names.
        case menu([MenuItem])
        /// A number whose bits are switches; only these bits exist.
        case bitmask(UInt32)
        /// Text, of so many bytes.
        case text(ClosedRange<Int>)
        /// Whole numbers in a range, as many as the dimensions multiply to; rows follow each other.
        case array(ClosedRange<Int64>, step: Int64, dimensions: [Int])
        /// Whole numbers in a range, as many as one likes, up to a limit.
        case list(ClosedRange<Int64>, step: Int64, limit: Int)
        /// Numbers with a fraction, so many.
        case numbers(ClosedRange<Double>, count: Int)
        /// No value: setting it does something.
        case button
        /// Something else; its values are not interpreted.
        case other
    }

    /// One choice of a menu.
    public struct MenuItem: Hashable, Sendable {
        /// The number that stands for it.
        public var number: Int64
        /// Its name.
        public var name: String

        /// Describes a choice.
        public init(number: Int64, name: String) {
            self.number = number
            self.name = name
        }
    }

    /// What can be done with a control.
    public struct Traits: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Makes a set of bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// It can never be set.
        public static let readOnly = Traits(rawValue: 1)
        /// It can never be read.
        public static let writeOnly = Traits(rawValue: 2)
        /// It cannot be set now, as while the camera runs.
        public static let busy = Traits(rawValue: 4)
        /// Another control, such as an automatic, rules it now: what is set has no effect yet.
        public static let inactive = Traits(rawValue: 8)
        /// The device changes it by itself; such changes are not told to who watches.
        public static let volatile = Traits(rawValue: 16)
    }
}

/// A control's value.
public enum ControlValue: Hashable, Sendable, CustomStringConvertible {
    /// A whole number, a menu's choice, the bits of a mask, or 0 and 1 for off and on.
    case integer(Int64)
    /// A number with a fraction.
    case number(Double)
    /// Text. All controls take it and read their own kind of value from it, arrays with commas between the numbers.
    case text(String)
    /// Several values, row by row.
    case array([ControlValue])

    /// The text for messages, as it can be set: "5", "0.5", "on", "1,2,3".
    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): value
        case .array(let values): values.map(\.description).joined(separator: ",")
        }
    }
}
