// SPDX-License-Identifier: MIT

package import ArgumentParser
internal import CameraKit

extension CompletionKind {
    /// The words of a type that has a few.
    package static func words<Value: RawRepresentable<String> & CaseIterable>(of type: Value.Type) -> CompletionKind {
        .list(type.allCases.map(\.rawValue))
    }

    /// Sizes that are asked for often.
    package static var sizes: CompletionKind { .list(["640x480", "1280x720", "1920x1080", "3840x2160"]) }

    /// The words for cameras, the nodes of those that there are, and files that can be played back.
    package static var cameras: CompletionKind {
        .custom { _, _, beginning in CameraWords.names + CameraWords.nodes + CameraWords.files(beginning) }
    }
}

/// What can follow `--camera`.
enum CameraWords {
    /// The names that are the same everywhere.
    static let names = ["auto", "test", "test:numbered", "libcamera"]

    /// The nodes of video devices.
    static var nodes: [String] {
        let names = namesInFolder("/dev").filter { $0.hasPrefix("video") && Int($0.dropFirst(5)) != nil }
        return names.sorted().map { "/dev/\($0)" }
    }

    /// What there is in the folder of a path that has been begun.
    static func files(_ beginning: String) -> [String] {
        let folder = beginning.lastIndex(of: "/").map { String(beginning[...$0]) } ?? ""
        return namesInFolder(folder).filter { !$0.hasPrefix(".") }.sorted().map { folder + $0 }
    }
}

/// The words of the encoders' libraries, whose headers not every build has.
enum EncoderWords {
    /// Of x264 and x265.
    static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
    ]
    /// Of x264, and none.
    static let tunes = [
        "none", "film", "animation", "grain", "stillimage", "psnr", "ssim", "fastdecode", "zerolatency",
    ]
    /// Of H.264; H.265 has main alone.
    static let profiles = ["baseline", "constrained", "main", "high"]
}
