// SPDX-License-Identifier: MIT

public import CameraCore

/// What ffprobe says about the first video stream of a file.
public struct ProbedVideo: Sendable {
    private let entries: [String: String]

    /// Asks ffprobe.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - format: ffmpeg's name of the file's format, for byte streams: "h264", "mjpeg"; nil to let ffprobe find out.
    /// - Throws: When ffprobe cannot be started or makes nothing of the file.
    public init(_ path: String, format: String? = nil) throws {
        let wanted = [
            "codec_name", "profile", "width", "height", "color_range", "color_space", "color_transfer",
            "color_primaries",
        ]
        let result = try run(
            "ffprobe",
            ["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=" + wanted.joined(separator: ",")]
                + ["-of", "default=noprint_wrappers=1"] + (format.map { ["-f", $0] } ?? []) + [path])
        var entries: [String: String] = [:]
        for line in result.text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { entries[String(parts[0])] = String(parts[1]) }
        }
        self.entries = result.status == 0 && result.errors.isEmpty ? entries : [:]
    }

    /// The codec: "h264", "mjpeg".
    public var codec: String? { entries["codec_name"] }

    /// The profile: "High", "Constrained Baseline".
    public var profile: String? { entries["profile"] }

    /// The pictures' size.
    public var size: Resolution? {
        guard let width = entries["width"].flatMap({ Int($0) }), let height = entries["height"].flatMap({ Int($0) })
        else { return nil }
        return Resolution(width, height)
    }

    /// The range, matrix, transfer characteristics and primaries by ffmpeg's names: "tv", "bt709", "bt709", "bt709".
    public var color: [String?] {
        ["color_range", "color_space", "color_transfer", "color_primaries"].map { entries[$0] }
    }
}
