// SPDX-License-Identifier: MIT

/// The size of a picture in pixels.
public struct Resolution: Hashable, Sendable {
    /// Pixels in a row.
    public var width: Int
    /// Rows.
    public var height: Int

    /// Makes a size in pixels; whether it can be recorded is checked where a camera or a channel takes it.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Makes a size in pixels; whether it can be recorded is checked where a camera or a channel takes it.
    public init(_ width: Int, _ height: Int) {
        self.init(width: width, height: height)
    }

    /// Reads a size from text: "1280x720", "1280 x 720", "720p", "VGA", "FHD", in upper or lower case.
    ///
    /// - Throws: `.invalidValue` that lists the accepted forms.
    public init(parsing text: String) throws(CameraError) {
        let name = text.lowercased().filter { $0 != " " }
        if let known = Self.named[name] {
            self = known
            return
        }
        let parts = name.split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]) else {
            let names = Self.named.keys.sorted().joined(separator: ", ")
            throw CameraError(
                .invalidValue, "reading the size", subject: text, reason: "write WIDTHxHEIGHT or one of \(names)")
        }
        self = try Resolution(width: width, height: height).validated("reading the size")
    }

    /// Checks that width and height lie in 1...16384.
    ///
    /// - Parameter operation: What needs the size, for the error's text.
    /// - Returns: The size itself.
    /// - Throws: `.invalidValue`.
    @discardableResult
    package func validated(_ operation: String) throws(CameraError) -> Resolution {
        guard (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height) else {
            throw CameraError(
                .invalidValue, operation, subject: description,
                reason: "width and height must lie between 1 and \(Self.largestSide)")
        }
        return self
    }

    /// The number of pixels of the picture.
    public var pixelCount: Int { width * height }

    /// The largest width and height that the package takes.
    package static let largestSide = 16384

    /// 640x480.
    public static let vga = Resolution(640, 480)
    /// 1280x720.
    public static let hd720p = Resolution(1280, 720)
    /// 1920x1080.
    public static let hd1080p = Resolution(1920, 1080)
    /// 3840x2160.
    public static let uhd2160p = Resolution(3840, 2160)

    /// picamera's names, and those that cameras are sold with.
    private static let named: [String: Resolution] = [
        "qvga": Resolution(320, 240), "vga": .vga, "svga": Resolution(800, 600), "xga": Resolution(1024, 768),
        "sxga": Resolution(1280, 1024), "uxga": Resolution(1600, 1200), "hd": .hd720p, "720p": .hd720p,
        "fhd": .hd1080p, "1080p": .hd1080p, "uhd": .uhd2160p, "4k": .uhd2160p, "2160p": .uhd2160p,
        "480p": .vga,
    ]
}

extension Resolution: CustomStringConvertible {
    /// The text for messages.
    public var description: String { "\(width)x\(height)" }
}
