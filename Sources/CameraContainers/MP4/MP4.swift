// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraOutputs

/// MP4 files that this package wrote.
public enum MP4 {
    /// What repairing a file came to.
    public enum Repair: Hashable, Sendable {
        /// The file was finished when it was written; it is as it was.
        case whole
        /// The file is an ordinary one now, with so many pictures.
        case repaired(pictures: Int)
    }

    /// Makes an ordinary file of one whose writer was killed or lost its power.
    ///
    /// It happens in place: no picture is copied. A picture that was cut off at the end is left out. Repairing a file twice
    /// changes nothing. Must not be called on a recording's threads, since it reads the head of each picture.
    ///
    /// - Parameter path: The file.
    /// - Returns: What the repair came to.
    /// - Throws: `.corruptData` for what ``MP4Output`` did not write, which is left alone; `.busy` while the file is
    ///   written or played; `.output` with the system's error.
    @discardableResult
    public static func repair(_ path: String) throws(CameraError) -> Repair {
        // An output that is not begun changes nothing, and keeps others from the file meanwhile.
        guard FileIdentity(path: path, followsLinks: true) != nil else {
            throw CameraError(.output, operation, subject: path, reason: "there is no such file")
        }
        let claim = try FileOutput(path: path)
        let result = Result { () throws(CameraError) in try InterruptedMP4(path, operation).repair() }
        try claim.close()
        return try result.get()
    }

    static let operation = "repairing the MP4 file"
}
