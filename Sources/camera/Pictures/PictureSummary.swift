// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Glibc

/// A picture that was written to a file.
struct PictureSummary {
    let path: String
    let size: Resolution
    /// 0 for one that is gone already.
    let byteCount: Int

    /// Looks at the file.
    init(_ path: String, _ size: Resolution) {
        var status = stat()
        let isThere = path.withFileName { stat($0, &status) } == 0
        (self.path, self.size, byteCount) = (path, size, isThere ? Int(status.st_size) : 0)
    }

    /// One line for people.
    var text: String { "\(path): \(size), \(Figures.bytes(byteCount))" }
}
