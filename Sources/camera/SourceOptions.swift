// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// Which camera, and what it is asked for.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The camera.",
            discussion: """
                'auto' is the first camera of the machine; 'test' draws moving pictures, 'test:numbered' with a bar code \
                of each frame's number. 'libcamera' is the first camera of libcamera, 'libcamera:imx219' the one of that \
                name or model. A FILE is played back: .y4m, raw video with --raw-format and --size, or a movie.
                """,
            valueName: "auto|test|/dev/videoN|libcamera[:ID]|FILE"))
    var camera = "auto"

    @Option(
        help: ArgumentHelp(
            "The layout of the frames: what a raw FILE holds, or what to ask of the camera.",
            valueName: "nv12|yuv420|yuyv|rgb24|..."),
        transform: parsing(Parse.rawFormat))
    var rawFormat: PixelFormat?

    @Option(
        help: ArgumentHelp("The size of the frames.", valueName: "WxH"), transform: parsing(Resolution.init(parsing:)))
    var size: Resolution?

    @Option(help: ArgumentHelp("Frames per second.", valueName: "N"), transform: parsing(FrameRate.init(parsing:)))
    var fps: FrameRate?

    @Option(
        help: ArgumentHelp(
            "How fast a file or the test camera goes: at its rate, or as fast as frames are taken.",
            valueName: "real|none"))
    var pace: Pace?

    /// The values of `--pace`.
    enum Pace: String, ExpressibleByArgument, CaseIterable {
        case real
        case none
    }

    /// What the word after `--camera` means.
    private enum Kind {
        case real(CameraSelection)
        case test(numbered: Bool)
        case file(String)
    }

    func validate() throws {
        switch try kind() {
        case .real where pace == Pace.none:
            throw ValidationError("a camera has its own pace; --pace none is for files and the test camera")
        case .file where rawFormat?.planeCount == 0, .test where rawFormat?.planeCount == 0:
            throw ValidationError("--raw-format \(rawFormat?.name ?? "") is for cameras that have it")
        case .file where rawFormat != nil && size == nil:
            throw ValidationError("a raw file does not tell the size of its frames; give it with --size WxH")
        default: break
        }
    }

    /// Opens what was chosen; nothing flows yet.
    ///
    /// - Throws: What the sources throw.
    func open() throws(CameraError) -> any VideoSource {
        let pacing: Pacing = pace == Pace.none ? .none : .real
        do {
            switch try kind() {
            case .real(let selection):
                let source = try selection.open(resolution: size, frameRate: fps)
                if let rawFormat {
                    try source.configure(
                        SourceConfiguration(resolution: size, frameRate: fps, pixelFormat: rawFormat))
                }
                return source
            case .test(let numbered):
                return try TestCamera(
                    resolution: size ?? .hd720p, frameRate: fps ?? 30, format: rawFormat ?? .nv12, pacing: pacing,
                    numbered: numbered)
            case .file(let path):
                if let rawFormat, let size {
                    let raw = RawVideoFormat(format: rawFormat, size: size, frameRate: fps ?? 30)
                    return try PlaybackCamera(path: path, rawFormat: raw, pacing: pacing)
                }
                let source = try PlaybackCamera(path: path, pacing: pacing)
                try source.configure(SourceConfiguration(resolution: size, frameRate: fps))
                return source
            }
        } catch {
            throw CameraError(wrapping: error, as: .device, "opening the camera", subject: camera)
        }
    }

    private func kind() throws -> Kind {
        if camera.hasPrefix("test:") {
            guard camera == "test:numbered" else {
                throw ValidationError("'\(camera)' is not a camera; the test camera is 'test' or 'test:numbered'")
            }
            return .test(numbered: true)
        }
        let selection = CameraSelection(parsing: camera)
        switch selection {
        case .test: return .test(numbered: false)
        case .file(let path): return .file(path)
        case .auto, .device, .libcamera, .source: return .real(selection)
        }
    }
}
