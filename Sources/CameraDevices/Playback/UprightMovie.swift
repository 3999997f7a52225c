// SPDX-License-Identifier: MIT

#if Containers

internal import CameraAV
internal import CameraCore
internal import CameraImaging

/// A movie, such as a telephone's, whose pictures are stored turned, and are turned upright as it or EXIF data says.
final class UprightMovie: FrameFile {
    let stream: VideoStream
    var duration: Duration? { movie.duration }
    private let movie: MovieReader
    private let transform: Transform
    private let converter = FrameConverter(pool: BytePool())

    /// Takes a movie; nil for one that is upright as it is.
    ///
    /// - Throws: `.unsupported` for interlaced pictures, whose fields a turn would mix.
    init?(_ movie: MovieReader, path: String) throws(CameraError) {
        guard let orientation = movie.orientation, !orientation.isUpright else { return nil }
        var stream = movie.stream
        guard stream.fieldOrder == .progressive else {
            throw CameraError(
                .unsupported, "turning the movie upright", subject: path,
                reason: "its pictures are \(stream.fieldOrder); play them as they are stored (--as-stored), or "
                    + "deinterlace them first with ffmpeg -vf bwdif")
        }
        let transform = Transform(
            rotation: Transform.Rotation(rawValue: orientation.rotation) ?? .none, hflip: orientation.isMirrored)
        if transform.swapsSides {
            stream.size = Resolution(stream.size.height, stream.size.width)
            stream.pixelAspect = stream.pixelAspect.turned
        }
        self.movie = movie
        self.transform = transform
        self.stream = stream
    }

    func read(_ info: (_ time: Int64) -> FrameInfo) throws(CameraError) -> SourceEvent {
        let event = try movie.read(info)
        guard case .frame(let frame) = event else { return event }
        let turned = try converter.convert(
            frame, to: stream.format, size: stream.size, color: frame.color, transform: transform)
        guard let turned else { throw CameraError(.system, "turning a picture upright", reason: "no memory is left") }
        return .frame(turned)
    }

    func rewind() throws(CameraError) { try movie.rewind() }
}

#endif
