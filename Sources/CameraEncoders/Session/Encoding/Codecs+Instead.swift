// SPDX-License-Identifier: MIT

internal import CameraCodecs
internal import CameraCore

extension Codecs {
    /// Prepares a codec, or a library in its place where an encoder of the kernel that nobody named does not work.
    ///
    /// What was found may be in use by the time it is needed, or fail with its first pictures.
    ///
    /// - Parameters:
    ///   - codec: What ``make(for:size:frameRate:options:)`` found.
    ///   - format: What it is to make.
    ///   - options: What was asked for.
    ///   - prepare: Configures a codec.
    /// - Returns: What `prepare` returned.
    /// - Throws: What `prepare` threw last.
    static func orLibrary<Value>(
        _ codec: any Codec, for format: MediaFormat, _ options: EncoderOptions,
        _ prepare: (any Codec) throws(CameraError) -> Value
    ) throws(CameraError) -> Value {
        do throws(CameraError) {
            return try prepare(codec)
        } catch {
            guard options.codecDevice == .automatic, codec is V4L2Codec, let library = try? make(for: format) else {
                throw error
            }
            return try prepare(library)
        }
    }
}
