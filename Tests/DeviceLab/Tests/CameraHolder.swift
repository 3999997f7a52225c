// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Another program, v4l2-ctl, that streams from a camera.
struct CameraHolder {
    private let program = Process()

    /// Starts the program and waits until it streams.
    ///
    /// - Parameter path: The camera's node.
    /// - Throws: When it cannot be started, or does not stream.
    init(_ path: String) throws {
        program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        program.arguments = ["v4l2-ctl", "-d", path, "--stream-mmap", "--stream-count=100000"]
        let output = Pipe()
        program.standardError = output
        program.standardOutput = output
        try program.run()
        // It prints a character per frame: with the first one it streams.
        try #require(try output.fileHandleForReading.read(upToCount: 1)?.isEmpty == false)
    }

    /// Its process number.
    var process: Int32 { program.processIdentifier }

    /// Ends the program.
    func stop() {
        kill(process, SIGKILL)
        program.waitUntilExit()
    }
}
