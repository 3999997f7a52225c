// SPDX-License-Identifier: MIT

internal import CameraCore

/// What is known about a picture as a JSON object on a line of its own.
struct MetadataLine {
    /// The line with its end.
    let text: String

    init(_ info: PacketInfo, size: Int, offset: Int) {
        var fields = [
            ("index", "\(info.index)"), ("type", "\"\(info.type.rawValue)\""), ("keyFrame", "\(info.isKeyFrame)"),
            ("timestamp", Self.seconds(info.timestamp)), ("wallTime", "\"\(info.wallTime.text(places: 6))\""),
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
}
