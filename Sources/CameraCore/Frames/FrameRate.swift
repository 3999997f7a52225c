// SPDX-License-Identifier: MIT

/// Frames per second as a fraction: 30, 30000/1001.
public struct FrameRate: Hashable, Sendable {
    /// Frames in ``denominator`` seconds.
    public let numerator: Int
    /// Seconds that ``numerator`` frames take.
    public let denominator: Int

    /// Makes a rate, reduced to lowest terms; whether it can be recorded is checked where a camera or a channel takes it.
    public init(_ numerator: Int, _ denominator: Int = 1) {
        guard numerator > 0, denominator > 0 else {
            self.numerator = numerator
            self.denominator = denominator
            return
        }
        let divisor = greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    /// Makes the nearest fraction with five decimal places; 23.98, 29.97 and 59.94 become NTSC's rates, such as
    /// 30000/1001.
    ///
    /// What is not above zero, or not below 1e9, becomes 0.
    public init(_ value: Double) {
        guard value.isFinite, value > 0, value < 1e9 else {
            self.init(0, 1)
            return
        }
        let nominal = value.rounded(.up)
        if nominal != value, abs(nominal * 1000 / 1001 - value) < 0.005 {
            self.init(Int(nominal) * 1000, 1001)
        } else {
            self.init(Int((value * 100_000).rounded()), 100_000)
        }
    }

    /// Reads a rate from text: "30", "29.97", "30000/1001".
    ///
    /// - Throws: `.invalidValue`.
    public init(parsing text: String) throws(CameraError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, let numerator = Int(parts[0]), let denominator = Int(parts[1]) {
            self.init(numerator, denominator)
        } else if let value = Int(text) {
            self.init(value)
        } else if let value = Double(text) {
            self.init(value)
        } else {
            throw CameraError(
                .invalidValue, "reading the frame rate", subject: text, reason: "write it as 30, 29.97 or 30000/1001")
        }
        try validated("reading the frame rate")
    }

    /// Checks that the rate lies between one frame a day and 1000 frames per second.
    ///
    /// - Parameter operation: What needs the rate, for the error's text.
    /// - Returns: The rate itself.
    /// - Throws: `.invalidValue`.
    @discardableResult
    package func validated(_ operation: String) throws(CameraError) -> FrameRate {
        let terms = 1...1_000_000_000
        guard terms.contains(numerator), terms.contains(denominator), numerator <= 1000 * denominator,
            denominator <= 86_400 * numerator
        else {
            throw CameraError(
                .invalidValue, operation, subject: description,
                reason: "a frame rate lies between one frame a day (1/86400) and 1000 frames per second")
        }
        return self
    }

    /// Frames per second as a floating-point number.
    public var framesPerSecond: Double { Double(numerator) / Double(denominator) }

    /// The time from one frame to the next.
    public var interval: Duration { .nanoseconds(nanoseconds(atFrame: 1)) }

    /// When the frame `index` is due, in nanoseconds after frame 0, without accumulated rounding.
    package func nanoseconds(atFrame index: Int64) -> Int64 {
        let product = index.multipliedFullWidth(by: Int64(denominator) * 1_000_000_000)
        return Int64(numerator).dividingFullWidth(product).quotient
    }
}

extension FrameRate: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, CustomStringConvertible {
    /// Makes a rate from a literal.
    public init(integerLiteral value: Int) { self.init(value) }

    /// Makes a rate from a literal.
    public init(floatLiteral value: Double) { self.init(value) }

    /// The text for messages.
    public var description: String { denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)" }
}

private func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
}
