// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

extension FileTemplate {
    /// The highest counter among the existing files with such names; 0 when there is none.
    ///
    /// Files are looked for in the folder of the next file. Numbers of 10^15 and more are ignored.
    ///
    /// - Parameter time: The time that `{timestamp}` shows in the name of the folder.
    /// - Returns: The counter.
    package func lastCounter(at time: WallTime = .now) -> Int {
        guard hasCounter else { return 0 }
        let name = name(counter: 1, at: time)
        let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
        var last = 0
        for file in namesInFolder(folder) {
            guard let counter = counter(in: folder + file), counter < FileSeries.largestCounter else { continue }
            last = max(last, counter)
        }
        return last
    }

    /// Whether anything has this name, also a link that leads to nothing.
    static func exists(_ name: String) -> Bool {
        var status = stat()
        return name.withFileName { lstat($0, &status) } == 0
    }
}
