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
            ("analogGain", number(metadata.analogGain)), ("digitalGain", number(metadata.digitalGain)),
            ("redGain", number(metadata.awbGains?.red)),
            ("blueGain", number(metadata.awbGains?.blue)),
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
        return (duration < .zero ? "-" : "") + "\(whole.magnitude).\(rest.magnitude.zeroPadded(to: 9))"
    }

    /// ISO 8601 with microseconds.
    private static func text(of time: WallTime) -> String {
        let (seconds, rest) = time.parts
        var moment = time_t(seconds)
        var fields = tm()
        gmtime_r(&moment, &fields)
        let year = (Int64(fields.tm_year) + 1900).zeroPadded(to: 4)
        let day = [fields.tm_mon + 1, fields.tm_mday].map { $0.zeroPadded(to: 2) }.joined(separator: "-")
        let clock = [fields.tm_hour, fields.tm_min, fields.tm_sec].map { $0.zeroPadded(to: 2) }.joined(separator: ":")
        return "\(year)-\(day)T\(clock).\((rest / 1000).zeroPadded(to: 6))Z"
    }
}
