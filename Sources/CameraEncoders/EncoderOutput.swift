// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraOutputs

/// The kinds of data that an encoder has outputs for.
public struct OutputKey: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The pictures.
    public static let frame = OutputKey(rawValue: "frame")
    /// Motion vectors.
    public static let motion = OutputKey(rawValue: "motion")
}

/// An output that an encoder writes to, and whether the encoder opened it.
public struct EncoderOutput: Sendable {
    /// Where the bytes go.
    public let output: any Output
    /// Whether the encoder opened it, and so closes it.
    public let isOwned: Bool
    /// How messages call it.
    public let name: String

    /// Describes an output.
    public init(_ output: any Output, isOwned: Bool, name: String) {
        self.output = output
        self.isOwned = isOwned
        self.name = name
    }

    /// Takes back an output that nothing was written to: deletes the file if opening made it.
    func discard() {
        guard isOwned else { return }
        if let file = output as? FileOutput {
            file.discard()
        } else {
            try? output.close()
        }
    }
}

/// An output in use, and whether its first picture has come.
struct OpenOutput: Sendable {
    let output: EncoderOutput
    var hasBegun = false
}
