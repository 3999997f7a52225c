// SPDX-License-Identifier: MIT

/// A setting of a camera by its driver's name and in its driver's units, such as "brightness" from 0 to 255.
public struct CameraControl: Hashable, Sendable {
    /// The driver's name; of a V4L2 driver in lower case with underscores: "white_balance_automatic".
    public var name: String
    /// The kind and range of the values.
    public var kind: Kind
    /// The present value; nil when it cannot be read.
    public var value: ControlValue?
    /// The value that the driver starts with.
    public var defaultValue: ControlValue?
    /// The restrictions of the control at present, such as read-only.
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
        /// Whole numbers in a range; a number between two steps becomes the nearer step.
        case integer(ClosedRange<Int64>, step: Int64)
        /// Numbers with a fraction.
        case number(ClosedRange<Double>)
        /// On or off.
        case boolean
        /// One of several choices: their numbers and names.
        case menu([MenuItem])
        /// A number whose bits are switches; the value is the mask of the bits that exist.
        case bitmask(UInt32)
        /// Text, with a length in this range of bytes.
        case text(ClosedRange<Int>)
        /// An array of whole numbers in a range, row by row; its length is the product of the dimensions.
        case array(ClosedRange<Int64>, step: Int64, dimensions: [Int])
        /// A list of whole numbers in a range, of any length up to the limit.
        case list(ClosedRange<Int64>, step: Int64, limit: Int)
        /// A fixed count of numbers with a fraction, all in the same range.
        case numbers(ClosedRange<Double>, count: Int)
        /// No value: setting the control starts an action.
        case button
        /// Any other kind; such values are neither read nor set.
        case other
    }

    /// One choice of a menu.
    public struct MenuItem: Hashable, Sendable {
        /// The number of the choice.
        public var number: Int64
        /// The name of the choice.
        public var name: String

        /// Describes a choice.
        public init(number: Int64, name: String) {
            self.number = number
            self.name = name
        }
    }

    /// The restrictions of a control.
    public struct Traits: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Makes a set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The control can never be set.
        public static let readOnly = Traits(rawValue: 1)
        /// The control can never be read.
        public static let writeOnly = Traits(rawValue: 2)
        /// The control cannot be set now, for example because the camera runs.
        public static let busy = Traits(rawValue: 4)
        /// Another control, such as an automatic mode, overrides this one now: a value that is set has no effect yet.
        public static let inactive = Traits(rawValue: 8)
        /// The device changes the value by itself; a ``ControlWatch`` may not report such changes.
        public static let volatile = Traits(rawValue: 16)
    }
}

/// A control's value.
public enum ControlValue: Hashable, Sendable, CustomStringConvertible {
    /// A whole number, a menu's choice, the bits of a mask, or 0 and 1 for off and on.
    case integer(Int64)
    /// A number with a fraction.
    case number(Double)
    /// Text, which any control takes and converts to its own kind of value; the numbers of an array have commas between
    /// them.
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
