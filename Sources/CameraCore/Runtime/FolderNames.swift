// SPDX-License-Identifier: MIT

internal import Glibc

/// The names of what is in a folder; none where it cannot be read.
///
/// - Parameter folder: The folder; nothing for the present one.
/// - Returns: The names, in no order.
package func namesInFolder(_ folder: String) -> [String] {
    guard let stream = (folder.isEmpty ? "." : folder).withFileName({ opendir($0) }) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { bytes in
            bytes.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: bytes.pointee)) {
                String(cFileName: $0)
            }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
