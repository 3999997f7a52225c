// SPDX-License-Identifier: MIT

internal import CameraKit

/// Numbers as people read them.
enum Figures {
    /// A number with so many places after the point.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let padded = Int(clamping: value.magnitude * scale).zeroPadded(to: places + 1)
        let sign = value < 0 ? "-" : ""
        return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    /// A number of frames.
    static func frames(_ count: Int) -> String { count == 1 ? "1 frame" : "\(count) frames" }

    /// A size in bytes.
    static func bytes(_ count: Int) -> String { scaled(Double(count), "B") }

    /// A bit rate.
    static func bitRate(_ bitsPerSecond: Double) -> String { scaled(bitsPerSecond, "bit/s") }

    /// A time as minutes and seconds, with hours when there are any.
    static func clock(_ time: Duration) -> String {
        let (minutes, seconds) = Int(time.components.seconds).quotientAndRemainder(dividingBy: 60)
        let (hours, rest) = minutes.quotientAndRemainder(dividingBy: 60)
        let parts = [rest, seconds].map { $0.zeroPadded(to: 2) }
        return ((hours > 0 ? ["\(hours)"] : []) + parts).joined(separator: ":")
    }

    private static func scaled(_ value: Double, _ unit: String) -> String {
        for (factor, prefix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= factor {
            return "\(decimal(value / factor, places: 1)) \(prefix)\(unit)"
        }
        return "\(decimal(value, places: 0)) \(unit)"
    }
}

extension Duration {
    /// Seconds to the nearest microsecond: a third of a second has no end in decimal figures, and what has one keeps it.
    var roundedSeconds: Double { (inSeconds * 1e6).rounded() / 1e6 }
}
