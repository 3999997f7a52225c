// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraDevices
internal import Glibc

/// Which camera to open.
public enum CameraSelection: Sendable {
    /// The first real camera of the machine: one of libcamera's, or else a Linux video device.
    case auto
    /// A camera with a generated picture, which needs no hardware.
    case test
    /// A Linux video device: "/dev/video0".
    case device(String)
    /// A camera of libcamera, by its name or model there; nil for the first one.
    case libcamera(String?)
    /// A file that is played back: y4m or a movie.
    case file(String)
    /// A source that the program made: its own, or one of this package's with more options.
    case source(any VideoSource)

    /// Reads a selection in the words of the `camera` tool: "auto", "test", "/dev/video0", "libcamera", "libcamera:imx219".
    ///
    /// Any other text is the path of a device, or else of a file to play back.
    public init(parsing text: String) {
        switch text {
        case "auto": self = .auto
        case "test": self = .test
        case "libcamera": self = .libcamera(nil)
        case _ where text.hasPrefix("libcamera:"): self = .libcamera(String(text.dropFirst("libcamera:".count)))
        default: self = Self.isDevice(text) ? .device(text) : .file(text)
        }
    }

    private static func isDevice(_ path: String) -> Bool {
        var status = stat()
        if path.withFileName({ stat($0, &status) }) == 0 { return status.st_mode & S_IFMT == S_IFCHR }
        return path.hasPrefix("/dev/video")
    }
}

extension CameraSelection {
    /// Opens the source, a real camera in such a way that its return can be waited for; what is nil is the source's choice.
    package func open(
        resolution: Resolution?, frameRate: FrameRate?, pixelFormat: PixelFormat? = nil
    ) throws -> any VideoSource {
        try openOnce(resolution, frameRate, pixelFormat).returning()
    }

    private func openOnce(
        _ resolution: Resolution?, _ frameRate: FrameRate?, _ pixelFormat: PixelFormat?
    ) throws -> any VideoSource {
        let request = SourceConfiguration(resolution: resolution, frameRate: frameRate, pixelFormat: pixelFormat)
        switch self {
        case .auto:
            if let camera = try LibCamera.first(.video(request)) { return camera }
            guard let camera = try V4L2Camera.available().first else {
                throw CameraError(
                    .notFound, "looking for a camera",
                    reason: "there is none (none of libcamera, no /dev/video* that captures); plug one in, or use the "
                        + "test camera")
            }
            return try V4L2Camera(camera.path, configuration: request)
        case .libcamera(let id):
            return try LibCamera(id, configuration: .video(request))
        case .test:
            return try TestCamera(
                resolution: resolution ?? .hd720p, frameRate: frameRate ?? 30, format: pixelFormat ?? .nv12)
        case .device(let path):
            return try V4L2Camera(path, configuration: request)
        case .file(let path):
            let file = try PlaybackCamera(path: path, frameRate: request.frameRate)
            try file.configure(request)
            return file
        case .source(let source):
            try source.configure(request)
            return source
        }
    }
}

extension LibCameraConfiguration {
    /// One stream to be recorded.
    fileprivate static func video(_ request: SourceConfiguration) -> LibCameraConfiguration {
        // Sensors' own pictures come by a stream of their own.
        let role: Role = request.pixelFormat?.bayer == nil ? .video : .raw
        let stream = Stream(role, resolution: request.resolution, pixelFormat: request.pixelFormat)
        return LibCameraConfiguration(streams: [stream], frameRate: request.frameRate)
    }
}
