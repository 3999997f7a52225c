// SPDX-License-Identifier: MIT

public import CameraCore

/// The codecs that this build has.
public enum Codecs {
    /// What is compiled in: a codec is one file, and one line here.
    ///
    /// Where several codecs make a format, the first is taken.
    public static let available: [CodecDescription] = {
        var list = JPEGCodec.descriptions
        #if X264
        list.append(X264Codec.description)
        #endif
        return list
    }()

    /// Makes a codec, to be configured, for a format.
    ///
    /// - Throws: `.unsupported` that says what is missing.
    public static func make(for format: MediaFormat) throws(CameraError) -> any Codec {
        guard let codec = available.first(where: { $0.format == format }) else {
            throw CameraError(.unsupported, "making an encoder", subject: format.rawValue, reason: reason(for: format))
        }
        return codec.make()
    }

    private static func reason(for format: MediaFormat) -> String {
        if format.isRaw { return "raw frames are written as they are, without a codec" }
        if format == .h264 {
            return "this build has no H.264 encoder; install libx264-dev and build with the trait X264, "
                + "which is among the defaults"
        }
        return "this build has encoders for \(available.map(\.format.rawValue).joined(separator: ", "))"
    }
}

/// What is known about a codec of this build.
public struct CodecDescription: Sendable {
    /// The format that it makes.
    public let format: MediaFormat
    /// The library that does the work.
    public let name: String
    /// The library's version; nil when it does not tell.
    public let version: String?
    /// The library's licence, as an SPDX expression.
    public let license: String
    let make: @Sendable () -> any Codec
}
