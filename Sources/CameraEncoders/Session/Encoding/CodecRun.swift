// SPDX-License-Identifier: MIT

internal import CameraCodecs
internal import CameraCore

/// A codec at work for a session, and what it is given: one from the start, and a new one after each absence of the camera.
final class CodecRun: Sendable {
    /// Nil for raw formats.
    let codec: (any Codec)?
    /// What frames must be like.
    let input: EncoderInput
    /// Bytes of a picture of a raw recording; nil for others.
    let rawByteCount: Int?
    /// The number of the session's frame that the codec takes as its first.
    let base: Int64
    private let description: StreamDescription

    init(
        _ codec: (any Codec)?, input: EncoderInput, rawByteCount: Int? = nil, base: Int64,
        description: StreamDescription
    ) {
        self.codec = codec
        self.input = input
        self.rawByteCount = rawByteCount
        self.base = base
        self.description = description
    }

    /// Whether the codec finds key frames among those that the camera encoded, and makes none.
    var findsKeyFrames: Bool { codec?.makesKeyFrames == false }

    /// What outputs are told; of a camera's own stream the parameter sets are known from the first picture on.
    var stream: StreamDescription {
        guard let codec = codec as? PassThroughCodec else { return description }
        var stream = description
        stream.parameterSets = codec.parameterSets
        return stream
    }

    /// The parameter sets that the codec gave before its first picture, as a byte stream.
    var givenParameterSets: [UInt8] { description.parameterSets }
}
