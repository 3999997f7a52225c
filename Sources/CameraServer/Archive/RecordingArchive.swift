// SPDX-License-Identifier: MIT

package import CameraCore

/// What was recorded, as somebody keeps account of it: the files of each camera, the times without any, and what happened.
///
/// All methods wait for a disk, and may be called from any thread.
package protocol RecordingArchive: Sendable {
    /// What there is of a camera in a span of time.
    ///
    /// - Parameters:
    ///   - camera: The camera's name; there is nothing of one that is not known.
    ///   - from: The first moment.
    ///   - to: The moment behind the last.
    ///   - limit: The most files, and the most events, that are wanted.
    /// - Returns: Files, gaps and events, the earliest first.
    /// - Throws: `.invalidValue` for a span that has more; what reading it throws.
    func timeLine(
        of camera: String, from: WallTime, to: WallTime, limit: Int
    ) throws(CameraError) -> ArchiveTimeLine

    /// A file by its number.
    ///
    /// - Parameters:
    ///   - id: The number, as a time line has it.
    ///   - camera: The camera's name.
    /// - Returns: The file; nil where that camera has no such file.
    /// - Throws: What reading it throws.
    func file(_ id: Int64, of camera: String) throws(CameraError) -> ArchiveFile?

    /// Has retention leave a file alone, or not any more.
    ///
    /// - Parameters:
    ///   - id: The number, as a time line has it.
    ///   - camera: The camera's name.
    ///   - isProtected: Whether it is to stay.
    /// - Returns: The file as it is now.
    /// - Throws: `.notFound` where that camera has no such file; what writing it throws.
    func protect(_ id: Int64, of camera: String, _ isProtected: Bool) throws(CameraError) -> ArchiveFile

    /// Copies a span of a camera's files into one MP4 file; nothing is encoded.
    ///
    /// - Parameters:
    ///   - camera: The camera's name.
    ///   - from: The beginning of the span.
    ///   - to: Its end.
    ///   - path: The file to make, which there must not be.
    ///   - isCancelled: Asked now and then whether to give up; does not wait.
    /// - Throws: `.nothingToCopy` where nothing was recorded then; `.cancelled`; what copying throws. Nothing is left then.
    func export(
        of camera: String, from: WallTime, to: WallTime, to path: String, isCancelled: () -> Bool
    ) throws(CameraError)
}
