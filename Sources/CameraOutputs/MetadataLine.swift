// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

/// What is known about a picture as a JSON object on a line of its own.
struct MetadataLine {
    /// The line with its end.
    let text: String

    init(_ info: PacketInfo, size: Int, offset: Int) {
        var fields = [
            ("index", "\(info.index)"), ("type", "\"\(info.type.rawValue)\""), ("keyFrame", "\(info.isKeyFrame)"),
            ("timestamp", Self.seconds(info.timestamp)), ("wallTime", "\"\(Self.text(of: info.wallTime))\""),
            ("size", "\(size)"), ("headerSize", "\(info.headerByteCount)"), ("offset", "\(offset)"),
        ]
        if let metadata = info.metadata { fields += Self.fields(of: metadata) }
        text = "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}\n"
    }

    private static func fields(of metadata: FrameMetadata) -> [(String, String)] {
        let fields: [(String, String?)] = [
            ("exposureTime", metadata.exposureTime.map(seconds)),
            ("frameDuration", metadata.frameDuration.map(seconds)),
            ("analogueGain", number(metadata.analogueGain)), ("digitalGain", number(metadata.digitalGain)),
            ("redGain", number(metadata.whiteBalanceGains?.red)),
            ("blueGain", number(metadata.whiteBalanceGains?.blue)),
            ("colorTemperature", metadata.colorTemperature.map { "\($0)" }), ("lux", number(metadata.lux)),
            ("sensorTemperature", number(metadata.sensorTemperature)),
            ("lensPosition", number(metadata.lensPosition)), ("focusMeasure", metadata.focusMeasure.map { "\($0)" }),
        ]
        return fields.compactMap { name, value in value.map { (name, $0) } }
    }

    /// JSON has no word for what is no number.
    private static func number(_ value: (some BinaryFloatingPoint & CustomStringConvertible)?) -> String? {
        value.flatMap { $0.isFinite ? "\($0)" : nil }
    }

    private static func seconds(_ duration: Duration) -> String {
        let (whole, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return (duration < .zero ? "-" : "") + "\(whole.magnitude).\(padded(Int64(rest.magnitude), 9))"
    }

    /// ISO 8601 with microseconds.
    private static func text(of time: WallTime) -> String {
        let (seconds, rest) = time.parts
        var moment = time_t(seconds)
        var fields = tm()
        gmtime_r(&moment, &fields)
        let day =
            "\(padded(Int64(fields.tm_year) + 1900, 4))-\(padded(fields.tm_mon + 1, 2))-\(padded(fields.tm_mday, 2))"
        let clock = "\(padded(fields.tm_hour, 2)):\(padded(fields.tm_min, 2)):\(padded(fields.tm_sec, 2))"
        return "\(day)T\(clock).\(padded(rest / 1000, 6))Z"
    }

    private static func padded(_ number: some BinaryInteger, _ digits: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
