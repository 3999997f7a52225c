// SPDX-License-Identifier: MIT

internal import CV4L2

/// A setting of a device (`struct v4l2_query_ext_ctrl`).
package struct ControlDescription: Hashable, Sendable {
    /// The number that the kernel knows it by.
    package let identifier: UInt32
    /// The driver's name for it: "White Balance, Automatic".
    package let name: String
    /// What kind of value it takes.
    package let kind: Kind
    /// The smallest value; of a text, its shortest length.
    package let minimum: Int64
    /// The largest value; of a text, its longest length.
    package let maximum: Int64
    /// The distance between values.
    package let step: Int64
    /// The value that the driver starts with.
    package let defaultValue: Int64
    /// What can be done with it now.
    package let flags: Flags
    /// Bytes of one element.
    package let elementByteCount: Int
    /// Elements that it has now.
    package let elementCount: Int
    /// The lengths of an array's axes, the last one of neighbours; empty for a single value.
    package let dimensions: [Int]

    init(_ query: v4l2_query_ext_ctrl) {
        identifier = query.id
        name = String(cArray: query.name)
        kind = Kind(rawValue: query.type)
        minimum = query.minimum
        maximum = query.maximum
        step = Int64(clamping: query.step)
        defaultValue = query.default_value
        flags = Flags(rawValue: query.flags)
        elementByteCount = Int(query.elem_size)
        elementCount = Int(query.elems)
        let lengths = withUnsafeBytes(of: query.dims) { Array($0.bindMemory(to: UInt32.self)) }
        dimensions = lengths.prefix(Int(query.nr_of_dims)).map(Int.init)
    }

    /// The name in the spelling of v4l2-ctl: what is not a letter or a digit becomes one underscore between words.
    package var variableName: String {
        name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "_").lowercased()
    }

    /// What kind of value a control takes (`enum v4l2_ctrl_type`).
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// A number of 32 bits.
        package static let integer = Kind(rawValue: V4L2_CTRL_TYPE_INTEGER.rawValue)
        /// 0 or 1.
        package static let boolean = Kind(rawValue: V4L2_CTRL_TYPE_BOOLEAN.rawValue)
        /// The number of a named choice.
        package static let menu = Kind(rawValue: V4L2_CTRL_TYPE_MENU.rawValue)
        /// No value; writing does something.
        package static let button = Kind(rawValue: V4L2_CTRL_TYPE_BUTTON.rawValue)
        /// A number of 64 bits.
        package static let integer64 = Kind(rawValue: V4L2_CTRL_TYPE_INTEGER64.rawValue)
        /// The heading of a group of controls.
        package static let heading = Kind(rawValue: V4L2_CTRL_TYPE_CTRL_CLASS.rawValue)
        /// Text.
        package static let text = Kind(rawValue: V4L2_CTRL_TYPE_STRING.rawValue)
        /// 32 switches.
        package static let bitmask = Kind(rawValue: V4L2_CTRL_TYPE_BITMASK.rawValue)
        /// The number of a choice that stands for a number.
        package static let integerMenu = Kind(rawValue: V4L2_CTRL_TYPE_INTEGER_MENU.rawValue)
        /// Bytes.
        package static let bytes = Kind(rawValue: V4L2_CTRL_TYPE_U8.rawValue)
        /// Numbers of 16 bits without sign.
        package static let words = Kind(rawValue: V4L2_CTRL_TYPE_U16.rawValue)
        /// Numbers of 32 bits without sign.
        package static let longWords = Kind(rawValue: V4L2_CTRL_TYPE_U32.rawValue)
        /// A width and a height.
        package static let area = Kind(rawValue: V4L2_CTRL_TYPE_AREA.rawValue)
    }

    /// What can be done with a control; bits that are not named here are kept.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The device does not have it (`V4L2_CTRL_FLAG_DISABLED`).
        package static let disabled = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_DISABLED))
        /// It cannot be set while the device streams (`V4L2_CTRL_FLAG_GRABBED`).
        package static let grabbed = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_GRABBED))
        /// It cannot be set (`V4L2_CTRL_FLAG_READ_ONLY`).
        package static let readOnly = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_READ_ONLY))
        /// It cannot be read (`V4L2_CTRL_FLAG_WRITE_ONLY`).
        package static let writeOnly = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_WRITE_ONLY))
        /// Its value is not one number or text (`V4L2_CTRL_FLAG_HAS_PAYLOAD`).
        package static let hasPayload = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_HAS_PAYLOAD))
        /// Another control rules it now (`V4L2_CTRL_FLAG_INACTIVE`).
        package static let inactive = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_INACTIVE))
        /// The device changes it by itself (`V4L2_CTRL_FLAG_VOLATILE`).
        package static let volatile = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_VOLATILE))
        /// An array of as many elements as one likes, up to its dimension (`V4L2_CTRL_FLAG_DYNAMIC_ARRAY`).
        package static let dynamicArray = Flags(rawValue: UInt32(V4L2_CTRL_FLAG_DYNAMIC_ARRAY))
    }
}

/// A choice of a menu control.
package struct MenuChoice: Hashable, Sendable {
    /// The number that stands for it.
    package let number: Int64
    /// Its name; of an integer menu, the number that it means.
    package let name: String
}
