// SPDX-License-Identifier: MIT

package import ArgumentParser
package import CameraKit

/// Which camera, and what it is asked for.
package struct SourceOptions: ParsableArguments, Sendable {
    package init() {}

    @Option(
        help: ArgumentHelp(
            "The camera.",
            discussion: """
                'auto' is the first camera of the machine; 'test' draws moving pictures, 'test:numbered' with a bar code \
                of each frame's number. 'libcamera' is the first camera of libcamera, 'libcamera:imx219' the one of that \
                name or model. A FILE is played back: .y4m, raw video with --raw-format and --size, or a movie.
                """,
            valueName: "auto|test|/dev/videoN|libcamera[:ID]|FILE"),
        completion: .cameras)
    package var camera = "auto"

    @Option(
        help: ArgumentHelp(
            "The layout of the frames: what a raw FILE holds, or what to ask of the camera.",
            discussion: "mjpeg, h264 and h265, of cameras that have them, are recorded as they come.",
            valueName: "nv12|yuv420|yuyv|rgb24|..."),
        completion: .list(PixelFormat.known.map(\.name)), transform: parsing(Parse.rawFormat))
    package var rawFormat: PixelFormat?

    @Option(
        help: ArgumentHelp(
            "The span of the numbers in a raw FILE: those of video, 16 to 235, or those of pictures, 0 to 255.",
            valueName: "limited|full"),
        completion: .words(of: RawRange.self), transform: parsing(Parse.word))
    package var rawRange: RawRange?

    @Option(
        help: ArgumentHelp(
            "The size of the frames; without it a V4L2 camera takes 1280x720, or the nearest that it has.",
            valueName: "WxH"),
        completion: .sizes,
        transform: parsing(Resolution.init(parsing:)))
    package var size: Resolution?

    @Option(
        help: ArgumentHelp(
            "Frames per second; without it a camera takes 30, or the nearest that it has.", valueName: "N"),
        transform: parsing(FrameRate.init(parsing:)))
    package var fps: FrameRate?

    @Option(
        help: ArgumentHelp(
            "How fast a file or the test camera goes: at its rate, or as fast as frames are taken.",
            valueName: "real|none"),
        completion: .words(of: Pace.self), transform: parsing(Parse.word))
    package var pace: Pace?

    @Flag(help: "Play a movie's pictures as they are stored; else they are turned upright where it says that they lie.")
    package var asStored = false

    @Option(
        help: ArgumentHelp(
            "How long a camera may give no frame before that is an error; else 3s or four frames, if that is longer.",
            valueName: "3s"),
        transform: parsing(Parse.duration))
    package var stall: Duration?

    @Option(
        help: ArgumentHelp(
            "Set one of the camera's settings or controls before the first frame; may be given several times.",
            discussion: """
                'camera controls' lists them. A value is a number, on or off, the name of a choice, a time (10ms; without \
                a unit in microseconds), or several numbers with commas between them.
                """,
            valueName: "NAME=VALUE"),
        transform: parsing(Assignment.init(parsing:)))
    package var set: [Assignment] = []

    /// The values of `--pace`.
    package enum Pace: String, Sendable, CaseIterable {
        case real
        case none
    }

    /// The values of `--raw-range`.
    package enum RawRange: String, Sendable, CaseIterable {
        case limited
        case full
    }

    /// What the word after `--camera` means.
    private enum Kind {
        case real(CameraSelection)
        case test(numbered: Bool)
        case file(String)
    }

    package func validate() throws {
        switch try kind() {
        case .real where pace == Pace.none:
            throw ValidationError("a camera has its own pace; --pace none is for files and the test camera")
        case .file where needsCamera, .test where needsCamera:
            throw ValidationError("--raw-format \(rawFormat?.name ?? "") is for cameras that have it")
        case .real where asStored, .test where asStored:
            throw ValidationError("--as-stored is for movies and pictures, which can say that they lie")
        case .file where rawFormat != nil && size == nil:
            throw ValidationError("a raw file does not tell the size of its frames; give it with --size WxH")
        case .file where rawRange != nil && rawFormat == nil, .real where rawRange != nil, .test where rawRange != nil:
            throw ValidationError("--raw-range is for raw files, whose --raw-format and --size are given")
        default: break
        }
    }

    /// Whether only a camera can have the format that was asked for.
    private var needsCamera: Bool { rawFormat.map { $0.planeCount == 0 || $0.isCompressed } ?? false }

    /// Whether it is a camera, which may compress by itself and can be unplugged and come back.
    package var isCamera: Bool {
        if case .real = try? kind() { true } else { false }
    }

    /// Opens the camera again that has come back as another node.
    package func open(at path: String, preferring format: PixelFormat?) throws(CameraError) -> any VideoSource {
        var options = self
        options.camera = path
        return try options.open(preferring: format)
    }

    /// Opens what was chosen and sets what is to be set; nothing flows yet.
    ///
    /// - Parameter format: What a camera shall deliver if it can and nothing else was asked for.
    /// - Returns: The source, configured.
    /// - Throws: What the sources throw.
    package func open(preferring format: PixelFormat? = nil) throws(CameraError) -> any VideoSource {
        let source = try openUnchanged(preferring: format)
        do throws(CameraError) {
            try applySettings(to: source)
            return source
        } catch {
            source.close()
            throw error
        }
    }

    /// Sets what is to be set, in the order that it was given.
    package func applySettings(to source: any VideoSource) throws(CameraError) {
        do {
            for assignment in set { try assignment.apply(to: source) }
        } catch {
            throw CameraError(wrapping: error, as: .device, "setting up the camera", subject: source.name)
        }
    }

    /// Opens what was chosen, and leaves its settings as they are.
    ///
    /// - Parameter format: What a camera shall deliver if it can and nothing else was asked for.
    /// - Returns: The source, configured.
    /// - Throws: What the sources throw.
    package func openUnchanged(preferring format: PixelFormat? = nil) throws(CameraError) -> any VideoSource {
        let pacing: Pacing = pace == Pace.none ? .none : .real
        do {
            switch try kind() {
            case .real(let selection):
                if rawFormat == nil, let format, let source = try openIfSuited(selection, format) { return source }
                return try selection.open(resolution: size, frameRate: fps, pixelFormat: rawFormat)
            case .test(let numbered):
                return try TestCamera(
                    resolution: size ?? .hd720p, frameRate: fps ?? 30, format: rawFormat ?? .nv12, pacing: pacing,
                    numbered: numbered)
            case .file(let path):
                if let rawFormat, let size {
                    let raw = RawVideoFormat(
                        format: rawFormat, size: size, frameRate: fps ?? 30,
                        range: rawRange == .full ? .full : .limited)
                    return try PlaybackCamera(path: path, rawFormat: raw, pacing: pacing)
                }
                let source = try PlaybackCamera(path: path, frameRate: fps, pacing: pacing, asStored: asStored)
                try source.configure(SourceConfiguration(resolution: size, frameRate: fps))
                return source
            }
        } catch {
            let failure = CameraError(wrapping: error, as: .device, "opening the camera", subject: camera)
            throw failure.code == .notFound ? notFound ?? failure : failure
        }
    }

    /// The error for a name that is neither a camera's nor a file's, with the camera that was probably meant; nil for a camera.
    private var notFound: CameraError? {
        guard case .file(let path) = try? kind() else { return nil }
        let meant = Int(path).map { "/dev/video\($0)" } ?? path.nearest(among: CameraWords.names)
        return CameraError(
            .notFound, "opening the camera", subject: path,
            reason: "there is neither a camera nor a file of this name"
                + (meant.map { "; did you mean '\($0)'?" } ?? "; 'camera list' shows the cameras"))
    }

    /// Opens a camera that has the format in the size and at the rate that were asked for; nil for one that has not.
    private func openIfSuited(_ selection: CameraSelection, _ format: PixelFormat) throws -> (any VideoSource)? {
        let source: any VideoSource
        do {
            source = try selection.open(resolution: size, frameRate: fps, pixelFormat: format)
        } catch let error as CameraError where error.code == .unsupported || error.code == .invalidValue {
            return nil
        }
        // 29.97 will do for 30.
        let wanted = (fps?.framesPerSecond ?? 0) * 0.99
        if source.streams[0].format == format, source.streams[0].frameRate.framesPerSecond >= wanted { return source }
        source.close()
        return nil
    }

    /// Keeps a file that is played back from becoming an output.
    ///
    /// - Throws: `.busy` when it is one already.
    package func claims() throws -> [FileClaim] {
        guard case .file(let path) = try kind() else { return [] }
        return try FileClaim(reading: path, "opening the video").map { [$0] } ?? []
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
