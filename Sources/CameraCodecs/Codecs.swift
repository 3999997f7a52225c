// SPDX-License-Identifier: MIT

public import CameraCore

/// The codecs that this build has.
public enum Codecs {
    /// The codecs that are compiled in; where several make a format, the first is taken.
    public static let available: [CodecDescription] = {
        var list = JPEGCodec.descriptions
        list.append(BMPWriter.codec)
        list.append(DNGWriter.codec)
        #if Pictures
        list.append(PNGWriter.codec)
        list.append(GIFWriter.codec)
        #endif
        #if X264
        list.append(X264Codec.description)
        #endif
        #if X265
        list.append(X265Codec.description)
        #endif
        return list
    }()

    /// Makes a codec for a format; the codec is not configured yet.
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
        let libraries: [MediaFormat: (name: String, number: Int)] = [.h264: ("H.264", 264), .h265: ("H.265", 265)]
        if let (name, number) = libraries[format] {
            return "this build has no \(name) encoder; install libx\(number)-dev and build with the trait X\(number), "
                + "which is among the defaults"
        }
        if format == .png || format == .gif {
            return "this build has no \(format.rawValue.uppercased()) encoder; install lib\(format)-dev and build with "
                + "the trait Pictures, which is among the defaults"
        }
        return "this build has encoders for \(available.map(\.format.rawValue).joined(separator: ", "))"
    }
}

/// A codec of this build, with the library that it uses.
public struct CodecDescription: Sendable {
    /// The format that the codec makes.
    public let format: MediaFormat
    /// The library that does the work.
    public let name: String
    /// The library's version; nil when the library does not tell it.
    public let version: String?
    /// The library's licence, as an SPDX expression.
    public let license: String
    let make: @Sendable () -> any Codec
}
