// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore
internal import FoundationEssentials

/// What DESCRIBE answers (SDP, RFC 8866): how the pictures are packed, and what a decoder needs before the first of them.
enum SessionDescription {
    /// The type of the body.
    static let mediaType = "application/sdp"

    /// Refuses a stream that RTP cannot carry.
    ///
    /// - Throws: `.unsupported` that says why.
    static func check(_ stream: StreamDescription) throws(CameraError) {
        switch stream.format {
        case .h264, .h265:
            guard sets(of: stream).isComplete else {
                throw unsupported("the stream has no parameter sets that could be read")
            }
        case .mjpeg: try RTPPicture.check(stream.size)
        default: throw unsupported("only H.264, H.265 and MJPEG are sent by RTP, not '\(stream.format)'")
        }
    }

    /// Describes a stream.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - name: The camera's name.
    ///   - number: What tells this description from others of the name.
    ///   - host: The address that it is asked for at.
    /// - Returns: The description.
    /// - Throws: What ``check(_:)`` throws.
    static func text(
        of stream: StreamDescription, name: String, number: UInt32, host: SocketAddress
    ) throws(CameraError) -> String {
        try check(stream)
        let family = host.host.contains(":") ? "IP6" : "IP4"
        let type = stream.format == .mjpeg ? RTPPackager.pictureType : RTPPackager.unitsType
        var lines = [
            "v=0",
            "o=- \(number) 1 IN \(family) \(host.host)",
            "s=\(String(decoding: name.utf8.filter { $0 >= 0x20 }, as: UTF8.self))",
            "c=IN \(family) \(family == "IP6" ? "::" : "0.0.0.0")",
            "t=0 0",
            "a=tool:swift-camera",
            "a=control:*",
            "a=range:npt=now-",
            "m=video 0 RTP/AVP \(type)",
            "a=rtpmap:\(type) \(codecName(stream.format))/\(RTPClock.rate)",
        ]
        if stream.format != .mjpeg { lines.append("a=fmtp:\(type) \(parameters(of: stream))") }
        let (size, rate) = (stream.size, stream.frameRate.framesPerSecond)
        lines.append("a=framerate:\(rate == rate.rounded() ? "\(Int(rate))" : "\(rate)")")
        // The first is that of 3GPP TS 26.234, 5.3.3.2, the other that of RFC 6064 with a wider use.
        lines.append("a=framesize:\(type) \(size.width)-\(size.height)")
        lines.append("a=x-dimensions:\(size.width),\(size.height)")
        lines.append("a=control:\(RTSPTarget.track)")
        return lines.map { $0 + "\r\n" }.joined()
    }

    private static func codecName(_ format: MediaFormat) -> String {
        switch format {
        case .h264: "H264"
        case .h265: "H265"
        default: "JPEG"
        }
    }

    private static func sets(of stream: StreamDescription) -> ParameterSets {
        stream.parameterSets.withUnsafeBytes { ParameterSets(in: $0, isH265: stream.format == .h265) }
    }

    /// The parameters of RFC 6184, 8.1, or RFC 7798, 7.1.
    private static func parameters(of stream: StreamDescription) -> String {
        let sets = sets(of: stream)
        if stream.format == .h265 {
            let lists = [("sprop-vps", sets.video), ("sprop-sps", sets.sequence), ("sprop-pps", sets.picture)]
            return lists.map { "\($0.0)=\(list($0.1))" }.joined(separator: "; ")
        }
        let profile = MessageDigest.hex(Array(sets.sequence.first?.dropFirst().prefix(3) ?? [])).uppercased()
        return "packetization-mode=1; profile-level-id=\(profile); "
            + "sprop-parameter-sets=\(list(sets.sequence + sets.picture))"
    }

    private static func list(_ sets: [[UInt8]]) -> String {
        sets.map { Data($0).base64EncodedString() }.joined(separator: ",")
    }

    private static func unsupported(_ reason: String) -> CameraError {
        CameraError(.unsupported, "describing the stream for RTSP", reason: reason)
    }
}
