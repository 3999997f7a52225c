// SPDX-License-Identifier: MIT

internal import CameraAV
internal import CameraCore

/// A file of frames that is read from its beginning to its end.
///
/// One thread at a time uses it.
protocol FrameFile: AnyObject {
    /// What the frames are like.
    var stream: VideoStream { get }
    /// How long it plays, as far as the file tells; nil where it does not.
    var duration: Duration? { get }

    /// Reads what comes next.
    ///
    /// - Parameter info: Describes a frame, given when it is shown, in nanoseconds after the first one. Times run on
    ///   through ``rewind()``.
    /// - Returns: `.frame`, `.damaged` or `.ended`.
    /// - Throws: `.corruptData` after the last good frame, with the fault and its place.
    func read(_ info: (_ time: Int64) -> FrameInfo) throws(CameraError) -> SourceEvent

    /// Begins again with the first frame.
    func rewind() throws(CameraError)
}

#if Containers
extension MovieReader: FrameFile {}
#endif

/// Opens a file as what its first bytes, not its name, say that it is.
///
/// - Parameters:
///   - path: The file.
///   - rawFormat: The format of raw video without a header; nil for other files.
///   - frameRate: The rate that is asked for; nil for the file's own.
///   - asStored: Whether a movie's pictures stay as they are stored, and are not turned upright.
/// - Returns: The file, at its first frame.
/// - Throws: `.notFound`, `.permissionDenied`, `.unsupported` or `.corruptData` that names the file and the cause.
func openFrameFile(
    _ path: String, rawFormat: RawVideoFormat?, frameRate: FrameRate?, asStored: Bool
) throws(CameraError) -> any FrameFile {
    let bytes = try FileBytes(path: path)
    let isY4M = try bytes.begins(with: Y4MHeader.magic)
    if let rawFormat {
        guard !isY4M else {
            throw CameraError(
                .invalidValue, "opening the raw video", subject: path,
                reason: "it is a YUV4MPEG2 file, which says its own format; leave the raw format out")
        }
        return try UncompressedFile(bytes, rawFormat)
    }
    if isY4M { return try UncompressedFile(bytes, try Y4MHeader(of: bytes)) }
    #if Containers
    let movie = try MovieReader(path: path, frameRate: frameRate)
    if !asStored, let upright = try UprightMovie(movie, path: path) { return upright }
    return movie
    #else
    throw CameraError(
        .missingLibrary, "opening the movie", subject: path,
        reason: "it is no YUV4MPEG2 file, and movies need libavformat; build with the trait Containers")
    #endif
}
