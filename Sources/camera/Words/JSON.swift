// SPDX-License-Identifier: MIT

internal import CameraKit
internal import FoundationEssentials

/// Values as JSON, with sorted names.
enum JSON {
    /// One line, for programs that read lines.
    static func line(_ value: some Encodable) throws(CameraError) -> String {
        try text(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    /// Several lines, for people too.
    static func document(_ value: some Encodable) throws(CameraError) -> String {
        try text(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]) + "\n"
    }

    private static func text(
        _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
    ) throws(CameraError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw CameraError(wrapping: error, as: .system, "writing JSON")
        }
    }
}
