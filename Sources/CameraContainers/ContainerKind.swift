// SPDX-License-Identifier: MIT

package import CameraCore
package import CameraOutputs

/// A container that libavformat writes.
package enum ContainerKind: Sendable {
    case matroska, transportStream, flashVideo, realTimeStream

    /// The container that a file's extension names; nil for others.
    package init?(fileExtension: String?) {
        switch fileExtension {
        case "mkv": self = .matroska
        case "ts": self = .transportStream
        case "flv": self = .flashVideo
        default: return nil
        }
    }

    /// The container that an address carries; nil for one that is not known.
    package init?(scheme: some StringProtocol) {
        switch scheme.lowercased() {
        case "rtmp", "rtmps": self = .flashVideo
        case "rtsp": self = .realTimeStream
        case "srt", "udp", "tcp": self = .transportStream
        default: return nil
        }
    }

    /// The protocols of addresses that are known.
    package static let schemes = ["rtmp", "rtmps", "rtsp", "srt", "udp", "tcp"]

    /// libavformat's name for it.
    package var muxer: String {
        switch self {
        case .matroska: "matroska"
        case .transportStream: "mpegts"
        case .flashVideo: "flv"
        case .realTimeStream: "rtsp"
        }
    }

    /// The formats that it holds.
    package var formats: [MediaFormat] {
        switch self {
        case .matroska: [.h264, .h265, .mjpeg]
        case .transportStream, .realTimeStream: [.h264, .h265]
        case .flashVideo: [.h264]
        }
    }

    /// Whether it tells when a picture is decoded, beside when it is shown.
    var tellsDecoding: Bool { self != .matroska }

    /// libavformat's options for it.
    var options: [(String, String)] {
        switch self {
        // A killed writer loses its last cluster.
        case .matroska: [("cluster_time_limit", "1000")]
        case .realTimeStream: [("rtsp_transport", "tcp")]
        case .flashVideo, .transportStream: []
        }
    }
}

extension OutputTarget {
    /// Whether it is the path of a playlist with segments.
    package var isPlaylist: Bool {
        guard case .path(let path) = self, !path.contains("://") else { return false }
        return MediaFormat.fileExtension(of: path) == "m3u8"
    }

    /// Throws for a playlist where a file of a series is wanted.
    ///
    /// - Parameters:
    ///   - operation: What is done.
    ///   - remedy: What to do instead.
    /// - Throws: `.unsupported`.
    package func refusePlaylist(_ operation: String, _ remedy: String) throws(CameraError) {
        guard isPlaylist else { return }
        throw CameraError(
            .unsupported, operation, subject: "\(self)",
            reason:
                "a playlist is no file of a series: it has segments of its own, the old ones of which go; \(remedy)")
    }

    /// Throws for a path whose container, or whose protocol, does not carry pictures of a format.
    package func check(for format: MediaFormat, _ operation: String) throws(CameraError) {
        guard case .path(let path) = self else { return }
        let formats: [MediaFormat]
        if let scheme = path.firstRange(of: "://").map({ path[..<$0.lowerBound] }) {
            guard let kind = ContainerKind(scheme: scheme) else {
                throw CameraError(
                    .invalidValue, operation, subject: path,
                    reason: "an address begins with one of "
                        + ContainerKind.schemes.map { "\($0)://" }.joined(separator: ", "))
            }
            formats = kind.formats
        } else if let suffix = MediaFormat.fileExtension(of: path), MediaFormat.containers.contains(suffix) {
            formats = ContainerKind(fileExtension: suffix)?.formats ?? [.h264, .h265]
        } else {
            return
        }
        #if !Containers
        if path.contains("://") || ContainerKind(fileExtension: MediaFormat.fileExtension(of: path)) != nil {
            throw CameraError(
                .unsupported, operation, subject: path,
                reason: "this build does without libavformat; build it with the trait Containers, or record to .mp4")
        }
        #endif
        guard !formats.contains(format) else { return }
        let list = formats.map(\.rawValue).joined(separator: ", ")
        throw CameraError(
            .invalidFormat, operation, subject: path,
            reason: "it carries \(list), not \(format); choose one of these, or a name that ends in .\(format)")
    }
}
