// SPDX-License-Identifier: MIT

/// An output that writes to a file, so that the recording can wait until that is on the disk.
package protocol FileBacked: AnyObject {
    /// The file; nil where there is none.
    var file: FileOutput? { get }
}
