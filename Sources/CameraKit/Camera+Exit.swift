// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

extension Camera {
    /// Ends a script that failed: tells the error in one line on standard error, and exits with the status 1.
    ///
    /// An error that nobody catches has Swift end the program by a trap, with registers and a stack in place of a sentence. A
    /// script catches it at its end:
    ///
    /// ```swift
    /// do {
    ///     let camera = try Camera(.test)
    ///     defer { camera.close() }
    ///     try camera.capture(to: "now.jpg")
    /// } catch {
    ///     Camera.exit(withError: error)
    /// }
    /// ```
    ///
    /// What the script has opened inside of `do` is closed before that by its `defer`, and so every file is finished.
    ///
    /// - Parameter error: What went wrong; a ``CameraError`` says what to do.
    public static func exit(withError error: any Error) -> Never {
        let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "script"
        var line = "\(program.shown): \(error)".escapingControls() + "\n"
        line.withUTF8 { bytes in
            // Nobody is left to be told that telling failed.
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
        Glibc.exit(EXIT_FAILURE)
    }
}
