// SPDX-License-Identifier: MIT

/// An sRGB colour with an opacity, for drawing onto pictures.
public struct Color: Hashable, Sendable, CustomStringConvertible {
    /// The red component, from 0 to 255.
    public var red: UInt8
    /// The green component, from 0 to 255.
    public var green: UInt8
    /// The blue component, from 0 to 255.
    public var blue: UInt8
    /// The opacity, from 0 (transparent) to 255 (opaque).
    public var alpha: UInt8

    /// Makes a colour from its components.
    public init(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255) {
        self.red = red
        self.green = green
        self.blue = blue
        self.alpha = alpha
    }

    /// White.
    public static let white = Color(red: 255, green: 255, blue: 255)
    /// Black.
    public static let black = Color(red: 0, green: 0, blue: 0)
    /// Red.
    public static let red = Color(red: 255, green: 0, blue: 0)
    /// Green at full intensity.
    public static let green = Color(red: 0, green: 255, blue: 0)
    /// Blue.
    public static let blue = Color(red: 0, green: 0, blue: 255)
    /// Yellow.
    public static let yellow = Color(red: 255, green: 255, blue: 0)
    /// Grey of half the intensity.
    public static let grey = Color(red: 128, green: 128, blue: 128)

    private static let names: [String: Color] = [
        "white": .white, "black": .black, "red": .red, "green": .green, "blue": .blue, "yellow": .yellow, "grey": .grey,
    ]

    /// Reads "white", "#ff8000" or, with its alpha last, "#ff800080".
    ///
    /// - Throws: `.invalidValue` that lists the names.
    public init(parsing text: String) throws(CameraError) {
        if let color = Self.names[text.lowercased()] {
            self = color
            return
        }
        let digits = text.dropFirst()
        guard text.first == "#", digits.utf8.count == 6 || digits.utf8.count == 8, digits.allSatisfy(\.isHexDigit),
            let value = UInt32(digits, radix: 16)
        else {
            throw CameraError(
                .invalidValue, "reading a colour", subject: text,
                reason:
                    "write it as #rrggbb or #rrggbbaa, or as one of \(Self.names.keys.sorted().joined(separator: ", "))"
            )
        }
        let bytes = digits.utf8.count == 8 ? value : value << 8 | 0xff
        self.init(
            red: UInt8(truncatingIfNeeded: bytes >> 24), green: UInt8(truncatingIfNeeded: bytes >> 16),
            blue: UInt8(truncatingIfNeeded: bytes >> 8), alpha: UInt8(truncatingIfNeeded: bytes))
    }

    /// The text for messages: "#ff8000", or "#ff800080" where the colour is not opaque.
    public var description: String {
        let parts = alpha == 255 ? [red, green, blue] : [red, green, blue, alpha]
        return "#" + parts.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
