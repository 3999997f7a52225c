// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

extension FileTemplate {
    /// The highest counter among the files that there are; 0 when there is none.
    ///
    /// They are looked for in the folder where the next file would go. A series that goes on behind it overwrites nothing.
    public func lastCounter() -> Int {
        let name = name(counter: 1)
        let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
        guard let stream = opendir(folder.isEmpty ? "." : folder) else { return 0 }
        defer { closedir(stream) }
        var last = 0
        while let entry = readdir(stream) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) { bytes in
                bytes.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: bytes.pointee)) {
                    String(cString: $0)
                }
            }
            if let counter = counter(in: folder + file) { last = max(last, counter) }
        }
        return last
    }
}
