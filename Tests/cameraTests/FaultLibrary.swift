// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// A library that fails in the place of the kernel: Programs/faults.c, compiled.
struct FaultLibrary {
    private let folder: TemporaryFolder
    private var path: String { folder.path("faults.so") }

    /// Compiles it.
    init() throws {
        folder = try TemporaryFolder()
        let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Programs/faults.c")
        let compiled = try run(
            "gcc", ["-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", path, program.path, "-ldl"])
        try #require(compiled.status == 0 && compiled.errors.isEmpty, "\(compiled.errors)")
    }

    /// The environment of a program whose calls meet a fault: "write a.mp4 6 EIO".
    func environment(_ fault: String) -> [String: String] {
        ProcessInfo.processInfo.environment.merging(["LD_PRELOAD": path, "CAMERA_FAULT": fault]) { $1 }
    }
}
