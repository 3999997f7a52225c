// SPDX-License-Identifier: MIT

/// An output that writes to a file, so that the recording can wait until that is on the disk.
package protocol FileBacked: AnyObject {
    /// The file; nil where there is none.
    var file: FileOutput? { get }
    /// How many bytes ending it will add to the file, at most.
    var endByteCount: Int { get }
}

extension FileBacked {
    package var endByteCount: Int { 0 }
}
