// SPDX-License-Identifier: MIT

/// A setting of a camera, such as its brightness.
public struct CameraControl: Hashable, Sendable {
    /// The name in lower case with underscores: "brightness", "white_balance_automatic".
    public var name: String
    /// What values it takes.
    public var kind: Kind
    /// The present value; nil when it cannot be read.
    public var value: ControlValue?
    /// The value that the driver starts with.
    public var defaultValue: ControlValue?
    /// Whether it can be set now.
    public var isWritable: Bool

    /// Describes a control.
    public init(
        name: String, kind: Kind, value: ControlValue?, defaultValue: ControlValue?, isWritable: Bool = true
    ) {
        self.name = name
        self.kind = kind
        self.value = value
        self.defaultValue = defaultValue
        self.isWritable = isWritable
    }

    /// The values that a control takes.
    public enum Kind: Hashable, Sendable {
        /// Whole numbers in a range with a step.
        case integer(ClosedRange<Int64>, step: Int64)
        /// On or off.
        case boolean
        /// One of several choices: their numbers and names.
        case menu([MenuItem])
        /// Text of a limited length.
        case text(ClosedRange<Int>)
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
}

/// A control's value.
public enum ControlValue: Hashable, Sendable, CustomStringConvertible {
    /// A number, a menu's choice, or 0 and 1 for off and on.
    case integer(Int64)
    /// Text.
    case text(String)

    /// The text for messages.
    public var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .text(let value): value
        }
    }
}
