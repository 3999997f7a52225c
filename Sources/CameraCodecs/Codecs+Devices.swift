// SPDX-License-Identifier: MIT

public import CameraCore
package import V4L2

extension Codecs {
    /// Makes the codec that fits best for some work; the codec is not configured yet.
    ///
    /// An encoder of the kernel is taken for H.264 and H.265 when one can do the work and the options leave the choice.
    ///
    /// - Parameters:
    ///   - format: The format to encode to.
    ///   - size: The size of the frames.
    ///   - frameRate: The nominal rate.
    ///   - options: What the codec must be able to do; ``EncoderOptions/codecDevice`` chooses by hand.
    /// - Returns: The codec.
    /// - Throws: `.unsupported` that says what is missing, or what the device that was named cannot do.
    public static func make(
        for format: MediaFormat, size: Resolution, frameRate: FrameRate, options: EncoderOptions
    ) throws(CameraError) -> any Codec {
        try make(for: format, size: size, frameRate: frameRate, options: options, calls: .linux)
    }

    /// Makes the codec that fits best, with the devices that the given system calls find.
    package static func make(
        for format: MediaFormat, size: Resolution, frameRate: FrameRate, options: EncoderOptions, calls: SystemCalls
    ) throws(CameraError) -> any Codec {
        func open(_ path: String) throws(CameraError) -> V4L2Codec {
            let codec = try V4L2Codec(path, format: format, calls: calls)
            // Frames are brought into the layout that the encoder likes best unless they have another that it takes.
            try codec.check(
                CodecConfiguration(
                    format: format, inputFormat: codec.inputFormats[0], size: size, frameRate: frameRate,
                    color: .unspecified, options: options))
            return codec
        }
        switch options.codecDevice {
        case .device(let path): return try open(path)
        case .automatic where format == .h264 || format == .h265:
            for path in calls.videoNodes {
                // What does not work, is in use or is no encoder leaves the work to the next one.
                if let codec = try? open(path) { return codec }
            }
        case .automatic, .software: break
        }
        return try make(for: format)
    }
}

extension SystemCalls {
    /// The nodes of video devices, by their numbers.
    fileprivate var videoNodes: [String] {
        names("/dev").compactMap { $0.hasPrefix("video") ? Int($0.dropFirst(5)) : nil }.sorted()
            .map { "/dev/video\($0)" }
    }
}
