// SPDX-License-Identifier: MIT

#if Containers

package import CameraCore

/// Reads the pictures of a movie, one after the other, with libavformat and libavcodec.
///
/// The frames are views of the decoder's own memory. One thread at a time uses a reader; its frames outlive it.
package final class MovieReader {
    /// What the frames are like: the movie's first picture tells.
    package let stream: VideoStream
    /// How the movie wants its pictures turned, which is left to whoever reads them.
    package let orientation: PictureOrientation?
    /// The codec's name in libavcodec: "h264", "mjpeg".
    package let codecName: String
    /// How long the movie says that it is; nil where it does not.
    package let duration: Duration?

    private let path: String
    private let frameRate: FrameRate?
    private let libraries: AVLibraries
    private var decoder: MovieDecoder
    /// What was decoded ahead: the first picture, to learn what the movie is like, or one whose time tells of another's.
    private var ahead: MovieDecoder.Event?
    /// Pictures before the first one that could not be decoded.
    private var damagedBeforeFirst: Int
    private var clock: MovieClock
    private var pictureCount = 0

    /// Opens a movie and decodes its first picture.
    ///
    /// - Parameters:
    ///   - path: A file, never an address.
    ///   - frameRate: The rate of pictures without times, as those of a stream in no container; nil for what libavformat
    ///     takes it for.
    /// - Throws: `.corruptData` when it is no movie or cannot be decoded, `.unsupported` for pictures in a layout that
    ///   the package does not know, `.missingLibrary`.
    package init(path: String, frameRate: FrameRate? = nil) throws(CameraError) {
        self.path = path
        self.frameRate = frameRate
        libraries = try AVLibraries.loaded()
        decoder = try MovieDecoder(path: path, frameRate: frameRate, libraries: libraries)
        codecName = decoder.codecName
        duration = decoder.duration
        let (picture, damaged) = try decoder.firstPicture()
        guard let format = picture.format else {
            throw CameraError(
                .unsupported, "playing the movie", subject: path,
                reason: "its pictures are \(picture.formatName), which this version does not read; "
                    + "convert it with ffmpeg -pix_fmt yuv420p")
        }
        ahead = .picture(picture)
        damagedBeforeFirst = damaged
        clock = MovieClock(
            unit: decoder.timeBase, frameRate: decoder.frameRate, restartsAhead: decoder.hasDiscontinuities)
        orientation = picture.orientation ?? decoder.orientation
        var stream = VideoStream(
            format: format, size: try picture.size.validated("playing the movie '\(path)'"),
            frameRate: decoder.frameRate, color: picture.color)
        stream.pixelAspect = picture.pixelAspect
        stream.fieldOrder = picture.fieldOrder
        self.stream = stream
    }

    /// Reads what comes next.
    ///
    /// - Parameter info: Describes a frame, given when it is shown, in nanoseconds after the first one. The movie's own
    ///   times are kept, and run on through ``rewind()``.
    /// - Returns: `.frame`, `.damaged` with the number of pictures that could not be decoded, or `.ended`.
    /// - Throws: `.corruptData` when the rest cannot be read, `.unsupported` when the pictures change their size or
    ///   layout.
    package func read(_ info: (_ time: Int64) -> FrameInfo) throws(CameraError) -> SourceEvent {
        if damagedBeforeFirst > 0 {
            defer { damagedBeforeFirst = 0 }
            return .damaged(damagedBeforeFirst)
        }
        let picture: MoviePicture
        let event = if let ahead = ahead.take() { ahead } else { try decoder.next() }
        switch event {
        case .picture(let next): picture = next
        case .damaged: return .damaged(1)
        case .ended: return .ended
        }
        guard picture.format == stream.format, picture.size == stream.size else {
            throw CameraError(
                .unsupported, "playing the movie", subject: path,
                reason: "after \(pictureCount) frames its pictures change from \(stream.size) \(stream.format.name) to "
                    + "\(picture.size) \(picture.formatName)")
        }
        pictureCount += 1
        let time = clock.time(ofStamp: picture.stamp, duration: picture.duration, libraries) {
            // What cannot be read is told when its turn comes.
            ahead = try? decoder.next()
            guard case .picture(let next) = ahead else { return nil }
            return next.stamp
        }
        return .frame(picture.frame(stream.format, info(time)))
    }

    /// Begins again with the first picture.
    package func rewind() throws(CameraError) {
        decoder = try MovieDecoder(path: path, frameRate: frameRate, libraries: libraries)
        let (picture, damaged) = try decoder.firstPicture()
        ahead = .picture(picture)
        damagedBeforeFirst = damaged
        clock.beginRound()
    }
}

#endif
