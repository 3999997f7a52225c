// SPDX-License-Identifier: MIT

/// The value of an EXIF tag, which is stored in the tag's own type.
///
/// Literals are values: `"Jane Doe"`, `100`, `2.8`, `[3, 5]`.
public enum ExifValue: Hashable, Sendable {
    /// Text in ASCII, or any text for comments; for a tag of numbers, the numbers as text: "1/100", "5/1,10/1,15/1",
    /// "2.8".
    case text(String)
    /// Whole numbers.
    case integers([Int])
    /// Fractions, kept as they are.
    case rationals([Rational])
    /// Numbers that are converted to fractions.
    case numbers([Double])
    /// Bytes as they are, zeros included.
    case bytes([UInt8])
    /// A moment, written as local time: "2026:01:31 23:59:59".
    case date(WallTime)
    /// A latitude or longitude, positive to the north and east.
    ///
    /// The tag for the direction, whose name has "Ref" at the end, is set too unless it is given.
    case degrees(Double)

    /// A fraction.
    public struct Rational: Hashable, Sendable {
        /// The numerator.
        public var numerator: Int
        /// The denominator.
        public var denominator: Int

        /// Makes a fraction, which is not reduced.
        public init(_ numerator: Int, _ denominator: Int) {
            self.numerator = numerator
            self.denominator = denominator
        }
    }

    /// A whole number.
    public static func integer(_ value: Int) -> ExifValue { .integers([value]) }

    /// A fraction.
    public static func rational(_ numerator: Int, _ denominator: Int) -> ExifValue {
        .rationals([Rational(numerator, denominator)])
    }

    /// A number.
    public static func number(_ value: Double) -> ExifValue { .numbers([value]) }
}

extension ExifValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByArrayLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }

    /// A whole number.
    public init(integerLiteral value: Int) { self = .integers([value]) }

    /// A number.
    public init(floatLiteral value: Double) { self = .numbers([value]) }

    /// Whole numbers.
    public init(arrayLiteral elements: Int...) { self = .integers(elements) }
}
